"""What a folder of process files comes to: definitions, and files that are misconfigured."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from insvc.model.alarm import PROCESS_FAILED, Alarm
from insvc.model.manager_row import ManagerRow
from insvc.model.pmon_conf import Reading, Severity
from insvc.model.words import InstanceState, Manager
from insvc.supervise.definition import ServiceDefinition
from insvc.supervise.pmon_conf import definition_of

FOLDER = "etc/pmon.d"
_TOLD_FAULTS = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Misconfigured:
    """A process file by which nothing can be looked after.

    Attributes:
        file: its name.
        name: of the process where the file tells it and no other file has it, else of the file.
        severity: as the file tells it; major where it does not.
        faults: all of them.
    """

    file: str
    name: str
    severity: Severity
    faults: tuple[str, ...]

    @property
    def said(self) -> str:
        """All that is wrong, in one line."""
        more = len(self.faults) - _TOLD_FAULTS
        told = "; ".join(self.faults[:_TOLD_FAULTS])
        return f"{told}; and {more} more faults" if more > 0 else told


@dataclass(frozen=True, kw_only=True, slots=True)
class Learnt:
    """What the files of a folder say.

    Attributes:
        definitions: by process.
        misconfigured: the files with faults.
        notes: what is odd and changes nothing, by file.
    """

    definitions: Mapping[str, ServiceDefinition]
    misconfigured: tuple[Misconfigured, ...] = ()
    notes: tuple[str, ...] = ()


def learn(readings: Mapping[str, Reading], taken: Collection[str]) -> Learnt:
    """What these files say together.

    Args:
        readings: by file name; of a process that two files have, the first file's counts.
        taken: processes that are defined elsewhere, which counts.
    """
    definitions: dict[str, ServiceDefinition] = {}
    misconfigured: list[Misconfigured] = []
    notes: list[str] = []
    owners: dict[str, str] = {}
    for file, reading in sorted(readings.items()):
        notes.extend(f"{FOLDER}/{file}: {note}" for note in reading.notes)
        name = reading.process
        if reading.conf is None:
            misconfigured.append(_misconfigured(file, reading, reading.faults))
        elif name in taken:
            notes.append(f"{FOLDER}/{file}: {name} is defined by its package, and that counts")
        elif name in owners:
            fault = f"{owners[name]} is about the process {name}, too, and counts"
            misconfigured.append(replace(_misconfigured(file, reading, (fault,)), name=file))
        else:
            definitions[reading.conf.process] = definition_of(reading.conf)
            owners[reading.conf.process] = file
    told = (_apart(one, owners) for one in misconfigured)
    return Learnt(definitions=definitions, misconfigured=tuple(told), notes=tuple(notes))


def rows_of(learnt: Learnt, known: Collection[str]) -> tuple[ManagerRow, ...]:
    """A row for each misconfigured file whose process is not looked after by a former definition.

    Args:
        learnt: the folder.
        known: processes that are looked after.
    """
    return tuple(
        ManagerRow(name=one.name, manager=Manager.PMON, state=InstanceState.UNKNOWN)
        for one in learnt.misconfigured
        if one.name not in known
    )


def alarms_of(host: str, learnt: Learnt, known: Collection[str]) -> tuple[Alarm, ...]:
    """An alarm for each misconfigured file."""
    return tuple(
        Alarm(
            alarm=PROCESS_FAILED,
            entity=f"host={host}.process={one.name}",
            severity=one.severity,
            text=f"{one.name} is misconfigured and {_watched(one, known)}: {one.said}",
            next_act=f"correct {FOLDER}/{one.file} of {host}",
        )
        for one in learnt.misconfigured
    )


def lines_of(learnt: Learnt) -> Iterator[str]:
    """All that is wrong or odd, a line each."""
    for one in learnt.misconfigured:
        yield f"{FOLDER}/{one.file}: misconfigured: {one.said}"
    yield from learnt.notes


def _misconfigured(file: str, reading: Reading, faults: tuple[str, ...]) -> Misconfigured:
    return Misconfigured(
        file=file,
        name=reading.process or file,
        severity=reading.severity or "major",
        faults=faults,
    )


def _apart(one: Misconfigured, owners: Collection[str]) -> Misconfigured:
    """Told by its file where another file is about the same process and is fine."""
    return replace(one, name=one.file) if one.name in owners else one


def _watched(one: Misconfigured, known: Collection[str]) -> str:
    return "looked after by its former definition" if one.name in known else "not looked after"
