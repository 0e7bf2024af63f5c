"""Runs the scripts of services in pmon's status mode: to look at them, and to start them."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from insvc.adapters.bounded import Completed, run_bounded
from insvc.adapters.launcher import Launcher
from insvc.adapters.script_control import call_of
from insvc.adapters.small_file import read_small
from insvc.agent.loop import Loop
from insvc.errors import InsvcError
from insvc.supervise.definition import ScriptControl, ServiceDefinition
from insvc.supervise.status_check import verdict
from insvc.supervise.unit import Event

_LARGEST_TEXT = 1 << 16


class StatusScripts:
    """The scripts of one host's services in status mode; of each, one runs at a time.

    Args:
        launcher: of the host.
        loop: what serves its events.
        feed: lets an event happen to a service; called in the loop's thread.
    """

    def __init__(
        self, launcher: Launcher, loop: Loop, feed: Callable[[str, Event], object]
    ) -> None:
        self._launcher = launcher
        self._loop = loop
        self._feed = feed
        self._busy: set[str] = set()
        self.texts: dict[str, str] = {}
        """What the last look that found a service down has left for people, by service."""

    def look(self, definition: ServiceDefinition) -> None:
        """Ask its script; the verdict comes as an event. Nothing while one of them is at work."""
        self._run(definition, "status")

    def start(self, definition: ServiceDefinition) -> None:
        """Let its script start it; the next look tells what became of that."""
        self._run(definition, "start")

    def _run(self, definition: ServiceDefinition, act: str) -> None:
        script, name = definition.script, definition.name
        if script is None or name in self._busy:
            return
        self._busy.add(name)

        def work() -> None:
            code = self._call(definition, script, act)
            text = self._text(definition)
            self._loop.post(lambda: self._end(definition, act, code, text))

        threading.Thread(target=work, daemon=True).start()

    def _end(self, definition: ServiceDefinition, act: str, code: int | None, text: str) -> None:
        name = definition.name
        self._busy.discard(name)
        if act == "start" or definition.script is None:
            return
        event = verdict(definition.script, code)
        if event is Event.NOT_READY:
            self.texts[name] = text
        else:
            self.texts.pop(name, None)
        self._feed(name, event)

    def _call(self, definition: ServiceDefinition, script: ScriptControl, act: str) -> int | None:
        """Its exit status; absent where it had to be ended, or could not be run."""
        rule = script.start if act == "start" else script.status
        try:
            command, environment = call_of(self._launcher, definition, act)
            done = run_bounded(
                command, rule.timeout_s, more=environment, folder=self._launcher.root
            )
        except InsvcError as fault:
            done = Completed(None, str(fault))
        if done.status != 0:
            self._log(definition.name, f"{act}: {done}")
        return done.status

    def _log(self, name: str, line: str) -> None:
        path = self._launcher.folder / "log" / f"{name}.log"
        # A full disk costs the line, and never the answer: without it nobody would look again.
        with suppress(OSError):
            path.parent.mkdir(exist_ok=True)
            with path.open("a", encoding="utf-8") as file:
                file.write(f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} {line}\n")

    def _text(self, definition: ServiceDefinition) -> str:
        check = definition.status_check
        if check is None or check.failure_text is None:
            return ""
        try:
            path: Path = self._launcher.root / check.failure_text
            text = read_small(path, _LARGEST_TEXT)
            return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        except OSError:
            return ""
