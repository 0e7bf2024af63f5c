"""What an engine does for services whose program it launches itself."""

import signal
from collections.abc import Callable, Mapping, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from insvc.adapters.launcher import Launcher
from insvc.adapters.pidfd import Held
from insvc.agent.loop import Loop
from insvc.agent.readiness import has_written_pid
from insvc.agent.strays import Sought, end_strays_of_group, programs
from insvc.errors import WorldError
from insvc.model.observation import ProcessIdentity
from insvc.supervise.unit import Event, Unit, launched


class Within(Protocol):
    """What the hands need of the engine they work for."""

    clock: Callable[[], float]
    loop: Loop
    launcher: Launcher
    held: dict[str, Held]

    @property
    def units(self) -> MutableMapping[str, Unit]:
        """What is known of each service."""
        ...

    def feed(self, name: str, event: Event) -> None:
        """Let an event happen to a service now."""
        ...

    def later(self, name: str, event: Event) -> None:
        """Let an event happen to a service after the one in hand."""
        ...

    def hold(self, name: str, held: Held) -> None:
        """Watch the main process of a service."""
        ...


class ProgramHands:
    """The programs of one manager's services. All but the looks belong to the loop's thread.

    Args:
        engine: what they work for.
    """

    def __init__(self, engine: Within) -> None:
        self._engine = engine
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
            held = self._take_found(name) or engine.launcher.launch(
                unit.definition, unit.starts + 1
            )
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
        """Kill what a dead main process has left in its group, before it is let go."""
        if name in self._engine.held:
            helpers = self._engine.units[name].definition.helpers
            end_strays_of_group(self._engine.held[name], helpers)

    def find_main(self, name: str) -> bool:
        """Whether the main process is known: it is, from the launch on."""
        return self._engine.units[name].main is not None

    def is_alive(self, unit: Unit) -> bool:
        """Whether one without a port lives: more cannot be asked of it."""
        return unit.main is not None

    def is_ready(self, unit: Unit) -> bool:
        """Whether one without a port is ready: once its pid file names it."""
        pidfile: Path = self._root / unit.definition.pidfile
        return unit.main is not None and has_written_pid(pidfile, unit.main.pid)

    def _take_found(self, name: str) -> Held | None:
        found = self._found.pop(name, None)
        return None if found is None else Held.by_identity(found)
