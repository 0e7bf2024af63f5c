"""Does for one manager what its table asks: launches, signals, looks, and keeps what it knows."""

import signal
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from insvc.adapters.launcher import Launcher
from insvc.adapters.pidfd import Held
from insvc.agent.hand_over import HandOver
from insvc.agent.looks import Looks
from insvc.agent.loop import Loop
from insvc.agent.programs import ProgramHands
from insvc.agent.roster import Roster
from insvc.agent.rules import Rules
from insvc.agent.script_control import ScriptHands
from insvc.model.observation import ProcessIdentity
from insvc.supervise.definition import ServiceDefinition
from insvc.supervise.unit import Do, Duty, Event, Unit, overdue

_ENDINGS = frozenset({Do.SIGNAL, Do.KILL, Do.SIGNAL_OLD})
SESSIONS = "var/lib/{name}/sessions"


class Engine:
    """The services of one manager on one host. All but `wait_for` belongs to the loop's thread.

    Args:
        rules: how the manager thinks.
        loop: what serves the events.
        launcher: what starts programs.
        clock: the manager's time in seconds.

    Attributes:
        units: what is known of each service; values never change, only their places do.
        duty: what the manager is to keep up.
        on_change: called after each change, to write it down.
        takes_over: does an action in its own way, where it answers true (pmon).
        on_told: called once a round of the loop in which something has changed.
        held: the main process of each service that has one.
    """

    def __init__(
        self, rules: Rules, loop: Loop, launcher: Launcher, clock: Callable[[], float]
    ) -> None:
        self.rules = rules
        self.loop = loop
        self.launcher = launcher
        self.clock = clock
        self.units = Roster()
        self.duty = Duty()
        self.changed = threading.Condition()
        self.on_change: Callable[[], object] = lambda: None
        self.on_told: Callable[[], object] = lambda: None
        self.takes_over: Callable[[str, Do], bool] = lambda *_: False
        self._decided: Duty | None = None
        self.held: dict[str, Held] = {}
        self._fresh: dict[str, ServiceDefinition] = {}
        self._queue: deque[tuple[str, Event]] = deque()
        self.hand_over = HandOver(self, f"{launcher.root} {rules.first_state}")
        self.programs = ProgramHands(self, self.hand_over)
        self.scripts = ScriptHands(self)
        self.looks = Looks(self, self._hands_of)
        self._hands: dict[Do, Callable[[str], None]] = {
            Do.LAUNCH: self._launch,
            Do.SWEEP: self._sweep,
            Do.LET_GO: self._let_go,
            Do.END_ACT: self.scripts.end_act,
            Do.SIGNAL: lambda name: self._hands_of(name).stop(name),
            Do.KILL: self._kill,
            Do.DELETE_PIDFILE: lambda name: self._hands_of(name).delete_pid_file(name),
            Do.LOOK: self.looks.look,
            Do.AUDIT: self.looks.audit,
            Do.LAUNCH_NEXT: self._launch_next,
            Do.TAKE_NEXT: self.hand_over.take_next,
            Do.KILL_NEXT: self.hand_over.kill_next,
            Do.LET_NEXT_GO: self.hand_over.let_next_go,
            Do.SIGNAL_OLD: self.hand_over.signal_old,
            Do.KILL_OLD: self.hand_over.kill_old,
            Do.LET_OLD_GO: self.hand_over.let_old_go,
        }
        loop.add_timed(self)
        loop.add_closing(self.hand_over.close)

    def know(self, definition: ServiceDefinition) -> None:
        """Manage this service from now on, or by this new definition. Nothing is started by it."""
        unit = self.units.get(definition.name)
        self._fresh.pop(definition.name, None)
        if unit is not None and unit.main is not None:
            self._fresh[definition.name] = definition
            definition = _asked_as_before(unit.definition, definition)
        self.units[definition.name] = (
            Unit(definition=definition, state=self.rules.first_state)
            if unit is None
            else replace(unit, definition=definition)
        )

    def forget(self, name: str) -> None:
        """Manage this service no more; its processes are left as they are."""
        self.scripts.forget(name)
        self._fresh.pop(name, None)
        held = self.held.pop(name, None)
        if held is not None:
            self.loop.unwatch(held.fd)
            held.close()
        del self.units[name]

    def resume(self, units: Mapping[str, Unit]) -> None:
        """Go on where an earlier life of this manager was; a death it did not see is met later."""
        self.units = Roster(units.values())
        for name, unit in units.items():
            self.scripts.resume(name)
            if unit.main is not None:
                self._resume_main(name, unit.main)
        self.hand_over.resume(units)

    def _resume_main(self, name: str, main: ProcessIdentity) -> None:
        held = Held.by_identity(main)
        if held is None:
            self.later(name, Event.EXITED)
        else:
            self.hold(name, held)
            # A look that was under way has no answer any more; another is one too few, never wrong.
            self.later(name, Event.LOOK_DUE)

    def find_launched(self) -> None:
        """Look for what was begun in the moment in which the earlier life ended."""
        self.programs.find_started({k: v for k, v in self.units.items() if k not in self.held})
        self.scripts.find_called()
        self.hand_over.end_unknown(self.units)

    def change_duty(self, duty: Duty) -> None:
        """Work towards this from now on."""
        self.duty = duty
        for name, unit in self.units.items():
            if unit.refused:
                self.units[name] = replace(unit, refused=False)
        self.settle()

    def later(self, name: str, event: Event) -> None:
        """Let the event happen to the service after the one in hand."""
        self._queue.append((name, event))

    def feed(self, name: str, event: Event) -> None:
        """Let the event happen to the service, and all that follows; told at the round's end."""
        self._queue.append((name, event))
        self._settle()

    def settle(self) -> None:
        """Let everything happen that can happen now, whatever has changed, and tell it."""
        self._decided = None
        self._settle()
        self._tell()

    def _settle(self) -> None:
        self._drain_queue()
        while wishes := self._decide():
            self._queue.extend(wishes)
            self._drain_queue()
        self.on_change()

    def _decide(self) -> tuple[tuple[str, Event], ...]:
        """What is to happen next; only what has changed since the last time is looked at."""
        units: Mapping[str, Unit] = self.units
        names, self.units.undecided = self.units.undecided, set()
        if self.duty == self._decided:
            if not names:
                return ()
            if self.rules.is_each_alone:
                units = {name: self.units[name] for name in names if name in self.units}
        self._decided = self.duty
        return self.rules.decide(self.duty, units)

    def _tell(self) -> None:
        self.units.untold.clear()
        self.on_told()
        with self.changed:
            self.changed.notify_all()

    def wait_for(self, is_reached: Callable[[], bool], timeout_s: float) -> bool:
        """Wait in another thread until it is true; false when it did not become so in time."""
        with self.changed:
            return self.changed.wait_for(is_reached, max(0.0, timeout_s))

    def wait_s(self) -> float | None:
        """Seconds until the next event on a calendar."""
        if self.units.untold:
            return 0.0
        due = [*self.duty.stopped.values()]
        if (at := self.units.next_at()) is not None:
            due.append(at)
        return min(due) - self.clock() if due else None

    def tick(self) -> None:
        """Let happen what is due, then tell what has changed in this round of the loop."""
        now = self.clock()
        due, duty = self.units.take_due(now), overdue(self.duty, now)
        if due or duty != self.duty:
            self.duty = duty
            self._queue.extend(due)
            self._settle()
        if self.units.untold:
            self._tell()

    def children(self) -> frozenset[int]:
        """Pids of all processes whose end is waited for: main processes, and scripts at work."""
        mains = {one.identity.pid for one in self.held.values()}
        return frozenset(mains | self.scripts.at_work() | self.hand_over.children())

    def _drain_queue(self) -> None:
        while self._queue:
            name, event = self._queue.popleft()
            if name in self.units:
                self._advance(name, event)
        self.duty = self.rules.relax(self.duty, self.units)

    def _advance(self, name: str, event: Event) -> None:
        unit = self.units[name]
        self.units[name], actions = self.rules.advance(unit, event, self.clock())
        has_script = unit.definition.script is not None
        if not _ENDINGS.isdisjoint(actions) or (has_script and Do.LAUNCH in actions):
            # Written down first: to the next life, what is ended on purpose must be no failure,
            # and what a script has just started must not be stopped.
            self.on_change()
        for action in actions:
            hand = self._hands.get(action)
            if hand is not None and not self.takes_over(name, action):
                hand(name)
        self.hand_over.forget(self.units[name])

    def _hands_of(self, name: str) -> ProgramHands | ScriptHands:
        script = self.units[name].definition.script
        return self.programs if script is None else self.scripts

    def _launch(self, name: str) -> None:
        self._renew(name)
        unit = self.units[name]
        if unit.clears_sessions:
            store = self.launcher.root / SESSIONS.format(name=name)
            for path in filter(Path.is_file, store.glob("*")):
                path.unlink(missing_ok=True)
            self.units[name] = replace(unit, clears_sessions=False)
        self._hands_of(name).start(name)

    def _launch_next(self, name: str) -> None:
        self._renew(name)
        self.hand_over.launch_next(name)

    def _renew(self, name: str) -> None:
        fresh = self._fresh.pop(name, None)
        if fresh is not None:
            self.units[name] = replace(self.units[name], definition=fresh)

    def hold(self, name: str, held: Held) -> None:
        """Watch the main process of a service."""
        self.held[name] = held
        self.watch(name, held)

    def watch(self, name: str, held: Held) -> None:
        """Let the end of a process of the service be met, by what it is to it then."""
        self.loop.watch(held.fd, lambda: self._exited(name, held))

    def _exited(self, name: str, held: Held) -> None:
        if self.held.get(name) is held:
            self.feed(name, Event.EXITED)
        elif self.hand_over.next.get(name) is held:
            self.feed(name, Event.NEXT_EXITED)
        else:
            self.feed(name, Event.OLD_EXITED)

    def _sweep(self, name: str) -> None:
        self._hands_of(name).end_strays(name)
        self._let_go(name)

    def _let_go(self, name: str) -> None:
        held = self.held.pop(name, None)
        if held is None:
            return
        self.loop.unwatch(held.fd)
        self.units[name] = replace(self.units[name], exit_code=held.reap())
        held.close()

    def _kill(self, name: str) -> None:
        if name in self.held:
            self.held[name].signal(signal.SIGKILL)


def _asked_as_before(former: ServiceDefinition, latter: ServiceDefinition) -> ServiceDefinition:
    """The later definition for a process of the former one, which answers where it always did."""
    return replace(
        latter,
        port=former.port,
        on_oam=former.on_oam,
        health_path=former.health_path,
        active_check=former.active_check,
        heartbeat=former.heartbeat,
    )
