"""What a resource agent tells of itself (`meta-data`): its actions, their times, its parameters.

Source: the XML of the Open Cluster Framework's resource agent interface, 1.0 and 1.1.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_TIME = re.compile(r"\s*(\d{1,7})\s*(ms|msec|s|sec|m|min|h|hr)?\s*")
_UNIT_S: Final[Mapping[str | None, float]] = {
    None: 1.0, "ms": 0.001, "msec": 0.001, "s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0,
    "h": 3600.0, "hr": 3600.0,
}  # fmt: skip
_BEGIN = re.compile(r"<\?xml|<resource-agent\b")
_END = "</resource-agent>"


@dataclass(frozen=True, kw_only=True, slots=True)
class Manual:
    """What an agent tells of itself.

    Attributes:
        name: of the agent.
        timeouts_s: how long each action that it has may take, as far as it says.
        required: parameters that it cannot do without.
        parameters: all of its parameters.
    """

    name: str
    timeouts_s: Mapping[str, float | None] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()


def read_manual(text: str) -> Manual:
    """What the agent's XML says; what it has written before and behind it is left aside.

    Raises:
        ValueError: it holds no such XML, or definitions of its own that could grow without end.
    """
    begin, end = _BEGIN.search(text), text.rfind(_END)
    if begin is None or end < begin.start():
        raise ValueError("found no <resource-agent> in what it says of itself")
    if "<!ENTITY" in text:
        raise ValueError("found definitions of entities, expected plain XML")
    try:
        top = ElementTree.fromstring(text[begin.start() : end + len(_END)])  # noqa: S314 - no entities
    except ElementTree.ParseError as fault:
        raise ValueError(f"is no XML: {fault}") from fault
    parameters = [one for one in top.iterfind("parameters/parameter") if one.get("name")]
    return Manual(
        name=top.get("name", ""),
        timeouts_s=_timeouts(top),
        required=tuple(one.get("name", "") for one in parameters if one.get("required") == "1"),
        parameters=tuple(one.get("name", "") for one in parameters),
    )


def _timeouts(top: "Element") -> dict[str, float | None]:
    """By action; the longest where an action is named several times (`monitor` by role)."""
    found: dict[str, float | None] = {}
    for one in top.iterfind("actions/action"):
        name, known = one.get("name", ""), _seconds(one.get("timeout", ""))
        held = found.get(name)
        found[name] = known if held is None else max(held, known or 0.0)
    return found


def _seconds(text: str) -> float | None:
    found = _TIME.fullmatch(text)
    return None if found is None else int(found[1]) * _UNIT_S[found[2]]
