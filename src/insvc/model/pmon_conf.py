"""A process file of pmon (`pmon.d/NAME.conf`), read as text: what it says, or all that is wrong.

Source: the files as operators of StarlingX write them; the order of the keys means nothing here.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple, cast

Mode = Literal["passive", "active", "status"]
Severity = Literal["critical", "major", "minor"]
Subfunction = Literal["worker", "storage", "last-config"]

_SECTION = re.compile(r"\[\s*([\w-]+)\s*\]\s*(?:[;#].*)?")
_PAIR = re.compile(r"([A-Za-z_]+)\s*=\s*([^;]*)")
_NAME = re.compile(r"[A-Za-z0-9][\w.@+-]{0,99}")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
_LONGEST_S: Final = 86_400
_SECTION_NAME: Final = "process"

_ALWAYS: Final = ("process", "severity", "restarts", "interval")
_OF_MODE: Final[Mapping[str, tuple[str, ...]]] = {
    "passive": ("pidfile", "debounce"),
    "active": ("pidfile", "debounce", "port", "period", "timeout", "threshold"),
    "status": ("script", "period", "timeout", "start_arg", "status_arg"),
}
_FREE: Final = ("service", "script", "style", "mode", "startuptime", "subfunction", "quorum")
_MORE: Final = ("full_init_reqd", "status_failure_text")
KEYS: Final = frozenset(
    {*_ALWAYS, *_FREE, *_MORE, *(key for of in _OF_MODE.values() for key in of)}
)
"""Every key that a file may have."""
_ONLY_IN: Final[Mapping[str, frozenset[str]]] = {
    "port": frozenset({"active"}),
    "threshold": frozenset({"active"}),
    "full_init_reqd": frozenset({"active"}),
    "period": frozenset({"active", "status"}),
    "timeout": frozenset({"active", "status"}),
    "start_arg": frozenset({"status"}),
    "status_arg": frozenset({"status"}),
    "status_failure_text": frozenset({"status"}),
    "pidfile": frozenset({"passive", "active"}),
    "debounce": frozenset({"passive", "active"}),
    "service": frozenset({"passive", "active"}),
}
_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "severity": ("critical", "major", "minor"),
    "mode": ("passive", "active", "status"),
    "style": ("lsb", "ocf"),
    "subfunction": ("worker", "compute", "storage", "last-config"),
    "quorum": ("0", "1"),
    "full_init_reqd": ("0", "1"),
}
_RANGES: Final[Mapping[str, tuple[int, int]]] = {
    "restarts": (0, 1000),
    "interval": (0, _LONGEST_S),
    "debounce": (0, _LONGEST_S),
    "startuptime": (0, _LONGEST_S),
    "port": (1, 65_535),
    "period": (1, 120),
    "timeout": (1, _LONGEST_S),
    "threshold": (1, 1000),
}
_PATHS: Final = ("pidfile", "script", "status_failure_text")
_PLAIN: Final = ("process", "service")


@dataclass(frozen=True, kw_only=True, slots=True)
class PmonConf:
    """One process as its file describes it. Times are seconds.

    Attributes:
        process: what pmon calls it.
        mode: `passive` and `active` look after a process, `status` asks a script.
        style: of the script.
        service: the unit of systemd that starts it, without `.service`; `script`: the script that
            does. The script is preferred; where both are absent the unit is named as the process.
        pidfile: where its pid is; absent in status mode.
        severity: what its failure means to the host.
        restarts: failures in a row before the alarm; 0: at once, and never started again by itself.
        interval_s: between two failed starts; `debounce_s`: how long it must run to have recovered;
            `startup_s`: after a start, before the first look.
        subfunction: the part of the host that must be configured first.
        is_essential: the host is unfit without it.
        announces_init: no answer is expected of it before all of the host is enabled.
        port: of UDP, where it is asked; `threshold`: how many answers it may owe (active).
        period_s: between two looks; `timeout_s`: how long one may take (active, status).
        start_arg, status_arg: what the script is called with (status).
        failure_text: file whose text goes with the alarm (status).
    """

    process: str
    mode: Mode
    style: Literal["lsb", "ocf"]
    service: str | None
    script: str | None
    pidfile: str | None
    severity: Severity
    restarts: int
    interval_s: int
    debounce_s: int
    startup_s: int
    subfunction: Subfunction | None
    is_essential: bool
    announces_init: bool
    port: int
    period_s: int
    timeout_s: int
    threshold: int
    start_arg: str
    status_arg: str
    failure_text: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What came of reading a file.

    Attributes:
        process: the name that it gives, where it gives a usable one.
        severity: likewise.
        conf: what it says; absent where it has a fault.
        faults: all that is wrong with it, with the line where there is one.
        notes: what is odd and changes nothing: unknown keys, keys of another mode.
    """

    process: str | None
    severity: Severity | None
    conf: PmonConf | None
    faults: tuple[str, ...]
    notes: tuple[str, ...]


class _Value(NamedTuple):
    text: str
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Draft:
    """The pairs of the section [process] so far, and what was found on the way."""

    values: dict[str, _Value] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def text(self, key: str) -> str | None:
        """What the file says of that key; nothing where it is absent or empty."""
        value = self.values.get(key)
        return value.text if value is not None and value.text else None


def read_pmon_conf(text: str) -> Reading:
    """What a file says, or every fault of it at once. Never raises, whatever the text is."""
    draft = _pairs(text)
    mode = draft.text("mode") or "passive"
    draft.faults.extend(_missing(draft, mode))
    draft.faults.extend(_wrong(draft))
    draft.faults.extend(_at_odds(draft, mode))
    draft.notes.extend(_of_other_modes(draft, mode))
    name = draft.text("process")
    severity = draft.text("severity")
    return Reading(
        process=name if name and _NAME.fullmatch(name) else None,
        severity=cast("Severity", severity) if severity in _WORDS["severity"] else None,
        conf=None if draft.faults else _conf(draft),
        faults=tuple(draft.faults),
        notes=tuple(draft.notes),
    )


def _pairs(text: str) -> _Draft:
    draft = _Draft()
    section = None
    for number, line in enumerate(text.split("\n"), start=1):
        bare = line.strip()
        heading = _SECTION.fullmatch(bare)
        if heading is not None:
            section = heading[1]
        elif bare and bare[0] not in ";#":
            _take(draft, section, bare, number)
    if not draft.values and not draft.faults:
        draft.faults.append(f"has nothing in a section [{_SECTION_NAME}]")
    if text and not text.endswith("\n"):
        draft.notes.append("ends within a line: it may be half written")
    return draft


def _take(draft: _Draft, section: str | None, bare: str, number: int) -> None:
    """Take one line that is neither blank, nor a comment, nor a heading."""
    pair = _PAIR.match(bare)
    if pair is None or _CONTROL.search(bare):
        draft.faults.append(f"line {number}: found {bare[:40]!r}, expected `key = value`")
        return
    key, value = pair[1].lower(), _Value(pair[2].strip(), number)
    if section != _SECTION_NAME:
        draft.notes.append(f"line {number}: {key} stands outside of [{_SECTION_NAME}]: not read")
        return
    if key not in KEYS:
        draft.notes.append(f"line {number}: nobody knows the key {key}")
        return
    former = draft.values.setdefault(key, value)
    if former is value:
        return
    if former.text == value.text:
        draft.notes.append(f"line {number}: {key} was said in line {former.line} already")
    else:
        draft.faults.append(
            f"line {number}: found {value.text!r} as {key}, but line {former.line} says "
            f"{former.text!r}"
        )


def _missing(draft: _Draft, mode: str) -> Iterable[str]:
    wanted = (*_ALWAYS, *_OF_MODE.get(mode, ()))
    missing = [key for key in wanted if draft.text(key) is None]
    if missing:
        yield f"lacks {', '.join(missing)}"


def _wrong(draft: _Draft) -> Iterable[str]:
    """Values that are none, each by itself, in the order of the file."""
    for key, (text, line) in draft.values.items():
        if text and (expected := _expected(key, text)):
            yield f"line {line}: found {text[:80]!r} as {key}, expected {expected}"


def _expected(key: str, text: str) -> str:
    """What should stand there instead; empty where the value is fine."""
    if key in _WORDS:
        return "" if text in _WORDS[key] else " or ".join(_WORDS[key])
    if key in _RANGES:
        least, most = _RANGES[key]
        is_number = text.isascii() and text.isdigit() and len(text) < 9  # noqa: PLR2004 - no range has more
        fits = is_number and least <= int(text) <= most
        return "" if fits else f"a whole number from {least} to {most}"
    if key in _PATHS:
        return "" if ".." not in text.split("/") and text.strip("/") else "the path of a file"
    if key in _PLAIN:
        return "" if _NAME.fullmatch(text) else "a plain word"
    return ""


def _at_odds(draft: _Draft, mode: str) -> Iterable[str]:
    """Values that do not go together."""
    period, timeout = _number(draft, "period"), _number(draft, "timeout")
    if mode == "active" and period and timeout and timeout > period:
        line = draft.values["timeout"].line
        yield f"line {line}: found {timeout} as timeout, expected at most the period of {period}"
    script = draft.text("script")
    if draft.text("style") == "ocf" and script is None:
        yield f"line {draft.values['style'].line}: style ocf needs a script"
    elif draft.text("style") == "ocf" and len((script or "").strip("/").split("/")) < 2:  # noqa: PLR2004 - PROVIDER/TYPE
        yield f"line {draft.values['script'].line}: an agent's path ends in PROVIDER/TYPE"


def _of_other_modes(draft: _Draft, mode: str) -> Iterable[str]:
    for key, (_, line) in draft.values.items():
        if mode in _OF_MODE and mode not in _ONLY_IN.get(key, _OF_MODE):
            yield f"line {line}: {key} means nothing in {mode} mode"


def _number(draft: _Draft, key: str, otherwise: int = 0) -> int:
    """That value as a number; the other one where it is absent, or no number."""
    text = draft.text(key)
    return otherwise if text is None or _expected(key, text) else int(text)


def _conf(draft: _Draft) -> PmonConf:
    """The file without faults."""
    mode = draft.text("mode") or "passive"
    part = draft.text("subfunction")
    service = draft.text("service")
    return PmonConf(
        process=draft.values["process"].text,
        mode=cast("Mode", mode),
        style="ocf" if draft.text("style") == "ocf" else "lsb",
        service=None if service is None else service.removesuffix(".service"),
        script=draft.text("script"),
        pidfile=draft.text("pidfile") if mode != "status" else None,
        severity=cast("Severity", draft.values["severity"].text),
        restarts=_number(draft, "restarts"),
        interval_s=_number(draft, "interval"),
        debounce_s=_number(draft, "debounce"),
        startup_s=_number(draft, "startuptime", 1),
        subfunction=cast("Subfunction | None", "worker" if part == "compute" else part),
        is_essential=draft.text("quorum") == "1",
        announces_init=draft.text("full_init_reqd") == "1",
        port=_number(draft, "port"),
        period_s=_number(draft, "period"),
        timeout_s=_number(draft, "timeout"),
        threshold=_number(draft, "threshold"),
        start_arg=draft.text("start_arg") or "start",
        status_arg=draft.text("status_arg") or "status",
        failure_text=draft.text("status_failure_text"),
    )
