"""What a document may not say although its schema allows it: repeated names, senseless numbers.

Works on plain values, so that these faults are found beside those of the schema. A value of the
wrong type is left to the schema.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from insvc.adapters.json_lines import Path
from insvc.adapters.text_tree import Fault
from insvc.plan.limits import limit_fault
from insvc.plan.policy import Window
from insvc.plan.windows import window_fault

_HIGHEST_PORT: Final = 65535
_SIGNALS = ("TERM", "INT", "HUP", "QUIT", "USR1", "USR2", "KILL", "WINCH")
_PERSONALITIES = ("controller", "worker", "storage")

Check = Callable[[object], str | None]


def document_faults(kind: str, value: object) -> Iterator[Fault]:
    """Every senseless value, with its key path.

    Args:
        kind: the document kind's name (`catalog`, `topology`, …).
        value: the document as plain values.
    """
    for pattern, check in _VALUES.get(kind, ()):
        for path, found in _matching(value, pattern.split(".")):
            wrong = check(found)
            if wrong:
                yield path, wrong
    for pattern, key in _UNIQUE.get(kind, ()):
        for path, found in _matching(value, pattern.split(".")):
            yield from _repeated(path, key, found)
    if kind == "plan":
        yield from _plan_order(value)


def _matching(value: object, pattern: list[str], path: Path = ()) -> Iterator[tuple[Path, object]]:
    """Every value at a path that fits the pattern; `*` stands for any index or key."""
    if not pattern:
        yield path, value
        return
    wanted, rest = pattern[0], pattern[1:]
    if isinstance(value, list) and wanted == "*":
        for index, one in enumerate(value):
            yield from _matching(one, rest, (*path, index))
    elif isinstance(value, dict):
        for key in value if wanted == "*" else (wanted,):
            if key in value:
                yield from _matching(value[key], rest, (*path, key))


def _repeated(at: Path, key: str, found: object) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for index, one in enumerate(found if isinstance(found, list) else ()):
        name = one.get(key) if isinstance(one, dict) else None
        if not isinstance(name, str):
            continue
        if name in first:
            holder = ".".join(map(str, (*at, first[name])))
            yield (*at, index, key), f"is {name!r} again; {holder} has it already"
        first.setdefault(name, index)


def _is_number(found: object) -> bool:
    return isinstance(found, (int, float)) and not isinstance(found, bool)


def _at_least(least: float) -> Check:
    def check(found: object) -> str | None:
        if isinstance(found, (int, float)) and _is_number(found) and found < least:
            return f"is {found:g}, expected {least:g} or more"
        return None

    return check


def _limit(found: object) -> str | None:
    if isinstance(found, str) or (isinstance(found, int) and _is_number(found)):
        return limit_fault(found)
    return None


def _window(found: object) -> str | None:
    opens = found.get("opens") if isinstance(found, dict) else None
    closes = found.get("closes") if isinstance(found, dict) else None
    if not isinstance(opens, (str, int, float)) or not isinstance(closes, (str, int, float)):
        return None
    return window_fault(Window(opens=opens, closes=closes))


def _above_zero(found: object) -> str | None:
    if isinstance(found, (int, float)) and _is_number(found) and found <= 0:
        return f"is {found:g}, expected more than 0"
    return None


def _port(found: object) -> str | None:
    if isinstance(found, int) and _is_number(found) and not 0 < found <= _HIGHEST_PORT:
        return f"is {found}, expected 1 to {_HIGHEST_PORT}"
    return None


def _named(found: object) -> str | None:
    if isinstance(found, str) and (found != found.strip() or not found):
        return f"is {found!r}, expected a name without blanks around it"
    return None


def _url_path(found: object) -> str | None:
    if isinstance(found, str) and not found.startswith("/"):
        return f"is {found!r}, expected a path that begins with /"
    return None


def _regex(found: object) -> str | None:
    if not isinstance(found, str):
        return None
    try:
        re.compile(found)
    except re.error as fault:
        return f"is {found!r}, not a regular expression: {fault}"
    return None if found else "is empty and would match every process"


def _one_of(*allowed: str) -> Check:
    def check(found: object) -> str | None:
        if isinstance(found, str) and found not in allowed:
            return f"is {found!r}, expected one of: {', '.join(allowed)}"
        return None

    return check


def _not_empty(found: object) -> str | None:
    return "is empty, expected at least one" if found == [] else None


def _has_kind(found: object) -> str | None:
    if isinstance(found, dict) and "kind" not in found:
        return "has no kind, which says what rule it is"
    return None


def _keys_are(*allowed: str) -> Check:
    def check(found: object) -> str | None:
        unknown = [key for key in found if key not in allowed] if isinstance(found, dict) else []
        if unknown:
            return f"has {', '.join(unknown)}, expected only: {', '.join(allowed)}"
        return None

    return check


def _plan_order(value: object) -> Iterator[Fault]:
    """Steps, or lines, that wait for one that is not there, or for each other."""
    waits: dict[str, set[str]] = {}
    places: dict[str, Path] = {}
    kinds = (["steps", "*"], ["lines", "*"], ["lines", "*", "turn", "*"])
    for path, step in (found for kind in kinds for found in _matching(value, kind)):
        if isinstance(step, dict) and isinstance(step.get("id"), str):
            after = step.get("after")
            names = after if isinstance(after, list) else []
            waits[step["id"]] = {one for one in names if isinstance(one, str)}
            places[step["id"]] = path
    for name, others in waits.items():
        for other in sorted(others - waits.keys()):
            yield (*places[name], "after"), f"names {other!r}, which is no step of this plan"
    stuck = _stuck({name: others & waits.keys() for name, others in waits.items()})
    if stuck:
        yield ("steps",), f"wait for each other in a circle: {', '.join(stuck)}"


def _stuck(waits: dict[str, set[str]]) -> list[str]:
    """Names that can never have their turn, in their order."""
    followers: dict[str, list[str]] = {}
    for name, others in waits.items():
        for other in others:
            followers.setdefault(other, []).append(name)
    left = {name: len(others) for name, others in waits.items()}
    free = [name for name, count in left.items() if not count]
    while free:
        done = free.pop()
        del left[done]
        for name in followers.get(done, ()):
            left[name] -= 1
            if not left[name]:
                free.append(name)
    return list(left)


_ENTRIES: tuple[tuple[str, Check], ...] = (
    ("entries.*.name", _named),
    ("entries.*.title", _named),
    ("entries.*.aliases.*", _named),
    ("entries.*.impact.longest_s", _at_least(0)),
    ("entries.*.services.*.name", _named),
    ("entries.*.services.*.match", _regex),
    ("entries.*.services.*.drain.timeout_s", _at_least(0)),
    ("entries.*.services.*.drain.signal", _one_of(*_SIGNALS)),
    ("entries.*.services.*.drain.on_timeout", _one_of("kill", "leave")),
    ("entries.*.services.*.readiness.port", _port),
    ("entries.*.services.*.readiness.path", _url_path),
    ("entries.*.services.*.outage_probe.port", _port),
    ("entries.*.services.*.outage_probe.path", _url_path),
    ("entries.*.restart.*.run", _named),
    ("entries.*.patch_restart.*.run", _named),
    ("entries.*.special_handling.*", _has_kind),
    ("entries.*.special_handling.*.match", _regex),
    ("entries.*.special_handling.*.timeout_s", _above_zero),
    ("entries.*.special_handling.*.entries", _not_empty),
)
_POLICY: tuple[tuple[str, Check], ...] = (
    ("max_unavailable", _limit),
    ("max_unavailable_of.*", _limit),
    ("max_unavailable_per_domain", _limit),
    ("parallel_hosts", _keys_are(*_PERSONALITIES)),
    ("parallel_hosts.*", _limit),
    ("parallel_services", _at_least(1)),
    ("dwell_s", _at_least(0)),
    ("drain_s", _at_least(0)),
    ("soak_s", _at_least(0)),
    ("soak_s_of.*", _at_least(0)),
    ("max_starts.count", _at_least(1)),
    ("max_starts.within_s", _at_least(0)),
    ("windows.*", _window),
)
_VALUES: dict[str, tuple[tuple[str, Check], ...]] = {
    "catalog": _ENTRIES,
    "layer": (("name", _named), *_ENTRIES),
    "topology": (("hosts", _not_empty), ("hosts.*.name", _named)),
    "observation": (
        ("hosts.*.host", _named),
        ("hosts.*.instances.*.service", _named),
        ("hosts.*.instances.*.restarts", _at_least(0)),
        ("hosts.*.instances.*.started_in_s", _at_least(0)),
        ("hosts.*.instances.*.processes.*.pid", _above_zero),
    ),
    "policy": _POLICY,
    "plan": (
        ("steps.*.id", _named),
        ("steps.*.host", _named),
        ("steps.*.start_s", _at_least(0)),
        ("steps.*.end_s", _at_least(0)),
        ("steps.*.timeout_s", _above_zero),
        ("steps.*.dwell_s", _at_least(0)),
        ("steps.*.expected_outage_s", _at_least(0)),
        ("steps.*.drain.timeout_s", _at_least(0)),
        ("steps.*.drain.on_timeout", _one_of("kill", "leave")),
        ("steps.*.reap", _regex),
        *((f"policy.{path}", check) for path, check in _POLICY),
    ),
}
_UNIQUE: dict[str, tuple[tuple[str, str], ...]] = {
    "catalog": (("entries", "name"), ("entries.*.services", "name")),
    "layer": (("entries", "name"), ("entries.*.services", "name")),
    "topology": (("hosts", "name"),),
    "observation": (("hosts", "host"), ("hosts.*.instances", "service")),
    "plan": (("steps", "id"),),
    "report": (("steps", "id"),),
}
