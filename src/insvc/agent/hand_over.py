"""What an engine does for services whose listening socket their manager keeps."""

import signal
import socket
from collections.abc import Mapping
from dataclasses import replace

from insvc.adapters.listening import Handed, NotifySocket, listen, take_back
from insvc.adapters.pidfd import Held
from insvc.agent.strays import end_strays_of_group, twins
from insvc.agent.within import Within
from insvc.errors import WorldError
from insvc.supervise.definition import ServiceDefinition
from insvc.supervise.unit import Event, Unit


class HandOver:
    """Sockets, successors and predecessors of one manager's services. Belongs to the loop's thread.

    Attributes:
        next: the successors that are getting ready; `old`: main processes that are being relieved.
        ready: pids that have said they are ready, of processes that are held.
    """

    def __init__(self, engine: Within, owner: str) -> None:
        self._engine = engine
        self._owner = owner
        self._sockets: dict[str, socket.socket] = {}
        self._notify: NotifySocket | None = None
        self.next: dict[str, Held] = {}
        self.old: dict[str, Held] = {}
        self.ready: set[int] = set()
        self._adopted: set[int] = set()

    def handed(self, definition: ServiceDefinition) -> Handed | None:
        """What its program is launched with; nothing where it listens by itself.

        Raises:
            WorldError: its address is taken.
        """
        if not definition.hands_over or definition.port is None:
            return None
        name = definition.name
        if name not in self._sockets:
            address, port = self._address(definition)
            self._sockets[name] = listen(address, port)
        return Handed(self._sockets[name], name, self._notifying().address)

    def has_socket(self, name: str) -> bool:
        """Whether the socket of that service is here, so that it can be handed over."""
        return name in self._sockets

    def has_said_ready(self, unit: Unit) -> bool:
        """Whether its main process has said so, to this life of the manager."""
        return unit.main is not None and unit.main.pid in self.ready

    def is_judged_by_its_word(self, unit: Unit) -> bool:
        """Whether only its own word tells that it is ready; it may have told an earlier life."""
        is_own = unit.main is not None and unit.main.pid not in self._adopted
        return unit.definition.hands_over and is_own

    def adopt(self, definition: ServiceDefinition, held: Held) -> None:
        """Take the socket back from a process that an earlier life of the manager has launched."""
        if not definition.hands_over:
            return
        self._adopted.add(held.identity.pid)
        self._notifying()
        found = take_back(held.fd, held.identity.pid, *self._address(definition))
        if found is not None:
            self._sockets[definition.name] = found

    def resume(self, units: Mapping[str, Unit]) -> None:
        """Take the sockets back from those that serve, and go on with what was under way.

        A successor may have said that it is ready while nobody heard it. It is ended, and the old
        process serves on: whoever asked for the hand-over has lost his answer anyway.
        """
        for name, unit in units.items():
            if name in self._engine.held:
                self.adopt(unit.definition, self._engine.held[name])
            for identity, held, event in (
                (unit.next, self.next, Event.NEXT_EXITED),
                (unit.old, self.old, Event.OLD_EXITED),
            ):
                found = None if identity is None else Held.by_identity(identity)
                if found is not None:
                    held[name] = found
                    self._engine.watch(name, found)
                elif identity is not None:
                    self._engine.later(name, event)
            self.kill_next(name)
            if unit.old is not None:  # nobody knows whether it was told; once more does no harm
                self.signal_old(name)

    def end_unknown(self, units: Mapping[str, Unit]) -> None:
        """End successors that were launched in the moment in which the earlier life ended."""
        commands = {
            name: self._engine.launcher.command(unit.definition)
            for name, unit in units.items()
            if unit.definition.hands_over and name in self._engine.held
        }
        known = {one for unit in units.values() for one in (unit.main, unit.next, unit.old)}
        for one in twins(self._engine.launcher.root, commands) if commands else ():
            held = None if one in known else Held.by_identity(one)
            if held is not None:
                held.signal(signal.SIGKILL)
                held.close()

    def launch_next(self, name: str) -> None:
        """Launch the successor beside the main process."""
        engine = self._engine
        try:
            unit = engine.units[name]
            handed = self.handed(unit.definition)
            held = engine.launcher.launch(unit.definition, unit.starts + 1, handed)
        except WorldError:
            engine.later(name, Event.NEXT_EXITED)
            return
        now = engine.clock()
        engine.units[name] = replace(engine.units[name], next=held.identity, next_at=now)
        self.next[name] = held
        engine.watch(name, held)

    def take_next(self, name: str) -> None:
        """The successor is the main process from now on; a former one is kept until it ends."""
        main = self._engine.held.pop(name, None)
        if main is not None:
            self.old[name] = main
        if name in self.next:
            self._engine.held[name] = self.next.pop(name)
        else:
            self._engine.later(name, Event.EXITED)

    def kill_next(self, name: str) -> None:
        """End the successor."""
        if name in self.next:
            self.next[name].signal(signal.SIGKILL)

    def let_next_go(self, name: str) -> None:
        """The successor has ended."""
        self._let_go(name, self.next.pop(name, None))

    def signal_old(self, name: str) -> None:
        """Ask the former main process to finish, by the signal of its drain rule."""
        rule = self._engine.units[name].drain_rule
        if name in self.old:
            self.old[name].signal(signal.Signals[f"SIG{rule.signal}"])

    def kill_old(self, name: str) -> None:
        """End the former main process."""
        if name in self.old:
            self.old[name].signal(signal.SIGKILL)

    def let_old_go(self, name: str) -> None:
        """The former main process has ended."""
        self._let_go(name, self.old.pop(name, None))

    def forget(self, unit: Unit) -> None:
        """Give up the socket of a service without a process: clients learn it at once."""
        name = unit.definition.name
        if name in self._sockets and unit.main is None and unit.next is None:
            self._sockets.pop(name).close()

    def children(self) -> frozenset[int]:
        """Pids of the processes whose end is waited for here."""
        return frozenset(one.identity.pid for one in (*self.next.values(), *self.old.values()))

    def close(self) -> None:
        """Give up all sockets of this life; those of services stay theirs."""
        for one in self._sockets.values():
            one.close()
        self._sockets.clear()
        if self._notify is not None:
            self._notify.close()

    def _let_go(self, name: str, held: Held | None) -> None:
        if held is None:
            return
        self._engine.loop.unwatch(held.fd)
        end_strays_of_group(held, self._engine.units[name].definition.helpers)
        held.reap()
        held.close()
        self.ready.discard(held.identity.pid)

    def _address(self, definition: ServiceDefinition) -> tuple[str, int]:
        address, _, port = (self._engine.launcher.endpoint(definition) or ":0").rpartition(":")
        return address, int(port)

    def _notifying(self) -> NotifySocket:
        if self._notify is None:
            self._notify = NotifySocket(self._owner)
            self._engine.loop.watch(self._notify.fileno(), self._hear)
        return self._notify

    def _hear(self) -> None:
        if self._notify is None:
            return
        for pid in self._notify.read():
            self._is_ready(pid)

    def _is_ready(self, pid: int) -> None:
        engine = self._engine
        for held, event in ((engine.held, Event.READY), (self.next, Event.NEXT_READY)):
            for name in [name for name, one in held.items() if one.identity.pid == pid]:
                self.ready.add(pid)
                engine.feed(name, event)
                return
