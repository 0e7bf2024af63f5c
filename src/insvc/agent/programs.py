"""What an engine does for services whose program it launches itself."""

import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from insvc.adapters.pidfd import Held
from insvc.agent.hand_over import HandOver
from insvc.agent.readiness import has_written_pid, is_taken
from insvc.agent.strays import Sought, end_all_of_service, end_strays_of_group, programs
from insvc.agent.within import Within
from insvc.errors import WorldError
from insvc.model.observation import ProcessIdentity
from insvc.supervise.exit_codes import Grade
from insvc.supervise.unit import Event, Unit, launched


class ProgramHands:
    """The programs of one manager's services. All but the looks belong to the loop's thread.

    Args:
        engine: what they work for.
        hand_over: who keeps the sockets of those that hand them over.
    """

    def __init__(self, engine: Within, hand_over: HandOver) -> None:
        self._engine = engine
        self._hand_over = hand_over
        self._root = engine.launcher.root
        self._found: dict[str, ProcessIdentity] = {}

    def find_started(self, units: Mapping[str, Unit]) -> None:
        """Look for programs launched in the moment in which the manager's earlier life ended.

        Such a one is taken instead of a second launch.

        Args:
            units: those that are not held.
        """
        sought = {
            name: Sought(tuple(self._engine.launcher.command(unit.definition)), unit.starts + 1)
            for name, unit in units.items()
            if unit.definition.command
        }
        self._found = programs(self._root, sought) if sought else {}

    def start(self, name: str) -> None:
        """Launch the program."""
        engine = self._engine
        unit = engine.units[name]
        try:
            held = self._take_found(name) or self._launch(unit)
        except WorldError:
            engine.later(name, Event.EXITED)
            return
        engine.units[name] = launched(unit, held.identity, engine.clock())
        engine.hold(name, held)

    def stop(self, name: str) -> None:
        """Ask the main process to end, by the signal of its drain rule."""
        rule = self._engine.units[name].drain_rule
        if name in self._engine.held:
            self._engine.held[name].signal(signal.Signals[f"SIG{rule.signal}"])

    def delete_pid_file(self, name: str) -> None:
        """Remove the pid file, but not that of a program that is about to be taken."""
        if name not in self._found:
            with suppress(OSError):
                (self._root / self._engine.units[name].definition.pidfile).unlink()

    def end_strays(self, name: str) -> None:
        """Kill what a dead main process has left in its group, before it is let go.

        Where it has failed before and its port is still taken, a child has left the group: whatever
        else was started for the service is killed then, for no start could succeed beside it.
        """
        unit = self._engine.units[name]
        helpers = unit.definition.helpers
        if name in self._engine.held:
            end_strays_of_group(self._engine.held[name], helpers)
        endpoint = self._engine.launcher.endpoint(unit.definition)
        is_own = endpoint is None or unit.definition.hands_over
        if not is_own and unit.failures > 1 and is_taken(endpoint or ""):
            end_all_of_service(self._root, name, helpers)

    def find_main(self, name: str) -> bool:
        """Whether the main process is known, and has said that it is ready where it has to.

        On a socket that its manager keeps, a probe would be answered by nobody knows whom.
        """
        unit = self._engine.units[name]
        if self._hand_over.is_judged_by_its_word(unit):
            return self._hand_over.has_said_ready(unit)
        return unit.main is not None

    def is_alive(self, unit: Unit) -> Grade | None:
        """Whether one without a port lives: more cannot be asked of it."""
        return None if unit.main is None else Grade.FULL

    def is_ready(self, unit: Unit) -> Grade | None:
        """Whether one without a port is ready: once its pid file names it."""
        pidfile: Path = self._root / unit.definition.pidfile
        is_named = unit.main is not None and has_written_pid(pidfile, unit.main.pid)
        return Grade.FULL if is_named else None

    def _take_found(self, name: str) -> Held | None:
        found = self._found.pop(name, None)
        held = None if found is None else Held.by_identity(found)
        if held is not None:
            self._hand_over.adopt(self._engine.units[name].definition, held)
        return held

    def _launch(self, unit: Unit) -> Held:
        handed = self._hand_over.handed(unit.definition)
        return self._engine.launcher.launch(unit.definition, unit.starts + 1, handed)
