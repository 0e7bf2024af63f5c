"""sm-eru: a durable record of what the service manager's services did.

Each change that is seen becomes one JSON line in `var/log/sm-eru.jsonl` below the host's root and
is on disk before the next look. What changed while this daemon was down is recorded when it is
back; changes there and back between two looks are not seen.
"""

import json
import os
import time
from pathlib import Path
from typing import Any

from insvc.cloud.role_daemon import RoleDaemon, ask_sm, say
from insvc.errors import WorldError
from insvc.standin.web import Reply, Request

PERIOD_S = 0.5
ANSWER_S = 2.0
LARGEST_BYTES = 8 * 1024 * 1024
SM = "sm"


class EventRecord:
    """The file of events, and the last known state of each subject.

    Args:
        path: the file; an older part of it is kept beside it as `NAME.1`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._states: dict[str, str] = {}
        self._count = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        for older in (path.with_name(f"{path.name}.1"), path):
            self._recall(older)
        self._end_broken_line()

    @property
    def count(self) -> int:
        """How many events are recorded."""
        return self._count

    def note(self, subject: str, state: str) -> bool:
        """Record the subject's state if it is another than the last one; whether it was."""
        before = self._states.get(subject)
        if before == state:
            return False
        event = {"at": time.time(), "subject": subject, "from": before, "to": state}
        self._append(json.dumps(event))
        self._states[subject] = state
        return True

    def _append(self, line: str) -> None:
        if self._path.exists() and self._path.stat().st_size > LARGEST_BYTES:
            self._path.replace(self._path.with_name(f"{self._path.name}.1"))
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())
        self._count += 1

    def _recall(self, path: Path) -> None:
        """Learn the last states; a line cut short by a crash tells nothing and is passed over."""
        if not path.exists():
            return
        for line in path.read_text("utf-8", "replace").splitlines():
            try:
                event = json.loads(line)
                self._states[event["subject"]] = event["to"]
            except (ValueError, KeyError, TypeError):
                continue
            self._count += 1

    def _end_broken_line(self) -> None:
        if self._path.exists() and not self._path.read_bytes().endswith(b"\n"):
            with self._path.open("ab") as file:
                file.write(b"\n")


class Recorder:
    """Looks at sm and records what changed.

    Args:
        run: the host's run directory.
        record: where the events go.
    """

    def __init__(self, run: Path, record: EventRecord) -> None:
        self._run = run
        self._record = record

    def beat(self) -> None:
        """Look once."""
        try:
            state = ask_sm(self._run, ANSWER_S)
        except WorldError as fault:
            if self._record.note(SM, "silent"):
                say(f"sm-eru: {fault}")
            return
        self._record.note(SM, "answers")
        self._record.note("role", str(state.get("role")))
        self._record.note("locked", str(state.get("locked")))
        services: list[dict[str, Any]] = state["services"]
        for service in services:
            self._record.note(f"service {service['name']}", str(service["state"]))

    def answer(self, request: Request) -> Reply | None:
        """`/status`: how many events are recorded."""
        if request.path != "/status":
            return None
        return Reply(200, {"events": self._record.count})


def main() -> None:
    """Run the daemon."""
    record = EventRecord(Path(os.environ["INSVC_ROOT"]) / "var/log/sm-eru.jsonl")
    recorder = Recorder(Path(os.environ["INSVC_RUN"]), record)
    RoleDaemon("sm-eru", answer=recorder.answer, beat=recorder.beat, period_s=PERIOD_S).run()
