"""Time zones by rule, for machines that have no table of them."""

from io import BytesIO
from struct import pack
from zoneinfo import ZoneInfo

BERLIN = "CET-1CEST,M3.5.0,M10.5.0/3"


def zone_file(rule: str = BERLIN) -> bytes:
    """What /etc/localtime holds where that rule (tzset(3)) is all there is."""
    header = pack(">4sc15x6l", b"TZif", b"2", 0, 0, 0, 0, 1, 4)
    body = pack(">lbb4s", 0, 0, 0, b"UTC\0")
    return header + body + header + body + b"\n" + rule.encode() + b"\n"


def zone(rule: str = BERLIN) -> ZoneInfo:
    """The time zone of that rule."""
    return ZoneInfo.from_file(BytesIO(zone_file(rule)))
