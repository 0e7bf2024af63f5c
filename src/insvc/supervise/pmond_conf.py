"""pmon's own settings (`etc/mtc/pmond.conf`): their defaults, and what is wrong with them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_PAIR = re.compile(r"([A-Za-z_]+)\s*=\s*([^;]*)")
_RANGES: Final[Mapping[str, tuple[int, int]]] = {
    "audit_period": (50, 999),
    "start_delay": (1, 120),
    "hostwd_update_period": (1, 3600),
    "pmon_cmd_port": (1, 65_535),
    "pmon_event_port": (1, 65_535),
    "pmon_pulse_port": (1, 65_535),
    "pmon_amon_port": (1, 65_535),
}
_DEFAULTS: Final[Mapping[str, int]] = {
    "audit_period": 500,
    "start_delay": 30,
    "hostwd_update_period": 30,
    "pmon_cmd_port": 2117,
    "pmon_event_port": 2101,
    "pmon_pulse_port": 2109,
    "pmon_amon_port": 2200,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class PmondConf:
    """The settings that mean something here; those of the original's pulses and events do not.

    Attributes:
        start_delay_s: after its host is enabled, before anything is started or judged.
        command_port: of UDP, for the commands of old clients; answer_port: where processes in
            active mode answer.
        faults: what is wrong with the file; a value that is, is its default.
    """

    start_delay_s: float = float(_DEFAULTS["start_delay"])
    command_port: int = _DEFAULTS["pmon_cmd_port"]
    answer_port: int = _DEFAULTS["pmon_amon_port"]
    faults: tuple[str, ...] = ()


def read_pmond_conf(text: str) -> PmondConf:
    """The settings of that text. Never raises: a host is not left alone for a typing error."""
    values = dict(_DEFAULTS)
    faults: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        pair = _PAIR.match(line.strip())
        if pair is None or pair[1] not in _RANGES:
            continue
        least, most = _RANGES[pair[1]]
        found = pair[2].strip()
        is_number = found.isascii() and found.isdigit() and len(found) < 9  # noqa: PLR2004 - no range has more
        if is_number and least <= int(found) <= most:
            values[pair[1]] = int(found)
        else:
            faults.append(
                f"line {number}: found {found[:80]!r} as {pair[1]}, expected a whole number from "
                f"{least} to {most}; {_DEFAULTS[pair[1]]} is used"
            )
    return PmondConf(
        start_delay_s=float(values["start_delay"]),
        command_port=values["pmon_cmd_port"],
        answer_port=values["pmon_amon_port"],
        faults=tuple(faults),
    )
