"""The journal: durable appends beside bare inserts, and how long a resume reads a long run."""

import hashlib
import json
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from insvc.adapters.journal_sqlite import SqliteJournal
from insvc.execute.decide import decide
from insvc.execute.records import created, step_ended, step_started
from insvc.execute.run import Record, RecordKind
from insvc.execute.state import replay
from insvc.execute.verify import Judgement, Rung
from insvc.model.observation import ProcessIdentity
from insvc.model.words import Outcome
from insvc.plan.plan import Plan, Step

APPENDS = 400
ROUNDS = 5
SERVICES = 41
LENGTHS = (1_000, 10_000, 100_000)

_RUNGS = ("manager-done", "new-identity", "nothing-stale", "ready", "dwelled", "nothing-lost")
_GOOD = Judgement(
    outcome=Outcome.RESTARTED,
    why="all hold: " + ", ".join(_RUNGS),
    checks=tuple(Rung(name=name, passed=True, detail="as it should be") for name in _RUNGS),
)


def make_long_plan(length: int) -> Plan:
    """Hosts of 41 services each; every step waits for the one before it on its host and beside."""
    steps = []
    for number in range(length):
        at, host = number % SERVICES, number // SERVICES
        beside = (f"s{at}@h{host - 1}",) if host else ()
        before = (f"s{at - 1}@h{host}",) if at else ()
        name = f"s{at}@h{host}"
        steps.append(Step(id=name, host=f"h{host}", service=f"s{at}", after=(*beside, *before)))
    return Plan(steps=tuple(steps))


def records_of(plan: Plan) -> Iterator[Record]:
    """The records of its run until the controller dies in the last step."""
    yield created(plan, at=0.0, patch={}, stale_before=len(plan.steps))
    yield Record(kind=RecordKind.CONTROLLER_STARTED, at=1.0, body={"pid": 1, "epoch": 1})
    ran = tuple(f"s{number}" for number in range(SERVICES))
    for at, step in enumerate(plan.steps):
        before = (ProcessIdentity(boot_id="boot", pid=at + 2, start_ticks=at),)
        yield step_started(step.id, 1, at=2.0, because="planned", before=before, ran=ran)
        if step is not plan.steps[-1]:
            yield step_ended(step.id, 1, _GOOD, at=3.0, outages=(), outage_s=0.0)


def _append_times(place: Path) -> tuple[float, float]:
    """Seconds an append takes: the journal's, and a bare insert of the same row."""
    one = list(records_of(make_long_plan(SERVICES)))
    journal = SqliteJournal(place / "journal.db")
    journal.append("run", 1, one[0])
    began = time.perf_counter()
    for at in range(APPENDS):
        journal.append("run", 1, one[2 + at % SERVICES])
    ours = (time.perf_counter() - began) / APPENDS
    journal.close()
    bare = sqlite3.connect(place / "bare.db", isolation_level=None)
    bare.execute("PRAGMA journal_mode = WAL")
    bare.execute("PRAGMA synchronous = FULL")
    bare.execute("CREATE TABLE record (number INTEGER PRIMARY KEY, body TEXT, digest TEXT)")
    bodies = [json.dumps(record.body) for record in one]
    digest = hashlib.sha256().hexdigest()
    began = time.perf_counter()
    for at in range(APPENDS):
        row = (at, bodies[2 + at % SERVICES], digest)
        bare.execute("INSERT INTO record VALUES (?, ?, ?)", row)
    theirs = (time.perf_counter() - began) / APPENDS
    bare.close()
    return ours, theirs


def _resume_times(place: Path, length: int) -> tuple[float, float, float]:
    """Seconds to look for damage in a file, to take up its run of that length, and to list it."""
    path = place / f"{length}.db"
    journal = SqliteJournal(path)
    for at, record in enumerate(records_of(make_long_plan(length))):
        journal.append("run", 1, record)
        if at == 0:
            # Only what is read is measured here, so the writing need not be durable.
            journal._writable().execute("PRAGMA synchronous = OFF")
    journal.close()
    began = time.perf_counter()
    journal = SqliteJournal(path)
    opened = time.perf_counter()
    decide(replay("run", journal.read("run")))
    taken_up = time.perf_counter()
    journal.runs()
    listed = time.perf_counter()
    journal.close()
    return opened - began, taken_up - opened, listed - taken_up


def report() -> Iterator[str]:
    """Appends a second and their ratio; resume times by length."""
    with tempfile.TemporaryDirectory(prefix="insvc-bench-", dir=Path.cwd()) as folder:
        rounds = []
        for number in range(ROUNDS):
            place = Path(folder) / f"round-{number}"
            place.mkdir()
            rounds.append(_append_times(place))
        ours = statistics.median(one for one, _ in rounds)
        theirs = statistics.median(one for _, one in rounds)
        ratio = statistics.median(one / other for one, other in rounds)
        yield (
            f"journal, synchronous FULL   {1 / ours:7.0f} appends/s, "
            f"a bare SQLite insert loop {1 / theirs:7.0f}/s"
        )
        yield f"  append / bare insert = {ratio:.2f}"
        for length in LENGTHS:
            open_s, resume_s, list_s = _resume_times(Path(folder), length)
            each = resume_s / length * 1e6
            yield (
                f"resume a run of {length:>7,} steps   {resume_s:6.2f} s to read, check and replay "
                f"({each:.0f} µs a step); open {open_s:.2f}, list {list_s:.2f}"
            )
