"""Keeps or takes the lease of two controllers, and lets the service manager serve by it.

Everything is decided in the loop's thread; what may block is done beside it. A loop that hangs
renews nothing, so that a service manager which hangs loses the lease as one that is dead does.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from insvc.agent.fence import Fenced, Fencing
from insvc.agent.rows import state_of
from insvc.agent.supervisor import Supervisor
from insvc.agent.tenancy import Tenancy, Told
from insvc.errors import InsvcError
from insvc.model.words import InstanceState, Role
from insvc.ports import RoleLease
from insvc.supervise.pair import HOLDS, TABLE, Act, Event, PairDefinition, State, View, see

_LAST_CHANCE_S = 0.5
"""How long a loop that was away for long waits for one more renewal before it lets go."""


class Surroundings(NamedTuple):
    """What the keeper knows of others, and does to them.

    Attributes:
        fence: lets the peer's host stop everything under that epoch; may block.
        is_peer_heard, is_peer_fit: whether the peer speaks, and whether it could take over.
        kill: ends what is left of the services of the active role, by force.
        tell: called in the loop when something has changed that others wait for.
        clock: seconds since boot.
    """

    fence: Callable[[int], tuple[Fenced, str]]
    is_peer_heard: Callable[[], bool]
    is_peer_fit: Callable[[], bool]
    kill: Callable[[], object]
    tell: Callable[[], object]
    clock: Callable[[], float]


class PairKeeper:
    """One controller's side of the lease. All of it belongs to the loop's thread.

    Args:
        supervisor: the service manager.
        definition: of the pair.
        host: this controller.
        is_first: without any lease it is the one that serves first.
        lease: of the pair.
        around: what the keeper knows of others, and does to them.

    Attributes:
        state: what it does about the lease.
        wish: the role that was asked for, as long as somebody waits for it.
        refusal: why it cannot be had.
        is_ending: the service manager is to end.
        is_releasing: the lease is being given up.
    """

    def __init__(
        self,
        supervisor: Supervisor,
        definition: PairDefinition,
        host: str,
        *,
        is_first: bool,
        lease: RoleLease,
        around: Surroundings,
    ) -> None:
        self.state = State.STANDBY
        self.refusal = self._lease_trouble = ""
        self.wish: Role | None = None
        self.is_ending = self.is_releasing = False
        self._supervisor = supervisor
        self._definition = definition
        self._host = host
        self._is_first = is_first
        self._around = around
        self._clock = around.clock
        self._tenancy = Tenancy(lease, supervisor.loop, around.clock)
        self._fencing = Fencing(supervisor.loop, around.fence, self._asked_to_stop)
        self._free_since: float | None = None
        self._looks = 0
        self._has_begun = self._was_locked = self._was_forced = False
        self._due = around.clock()
        self._hands: dict[Act, Callable[[], None]] = {
            Act.TAKE: lambda: self._tenancy.take(self._had),
            Act.RENEW: lambda: self._tenancy.renew(self._had),
            Act.RELEASE: self._release,
            Act.FENCE: lambda: self._fencing.begin(self._tenancy.tenure),
            Act.SERVE: lambda: None,  # as soon as the renewal that comes with it is known
            Act.STOP: self._stop,
            Act.FORCE: self._force,
        }

    def begin(self, *, is_locked: bool) -> Role:
        """Look at the lease before the loop runs, and take it where it is this host's turn.

        Args:
            is_locked: the host was out of service in an earlier life of its service manager.
        """
        self._was_locked = is_locked
        self._tenancy.look(self._saw)
        self._tenancy.start()
        self._has_begun = True
        return Role.ACTIVE if self.permits() else Role.STANDBY

    def permits(self) -> bool:
        """Whether a service of the active role may be started at this moment."""
        return self.state is State.ACTIVE and self._tenancy.age_s < self._definition.force_s

    @property
    def holder(self) -> str | None:
        """Who holds the lease, as it was seen last; nobody where it is free."""
        tenure = self._tenancy.tenure
        return None if tenure is None or tenure.is_released else tenure.holder

    @property
    def epoch(self) -> int:
        """Number of the lease by which it serves, or that it has seen last."""
        return 0 if self._tenancy.tenure is None else self._tenancy.tenure.epoch

    @property
    def trouble(self) -> str:
        """Why the lease cannot be looked at or renewed, or not be taken from who held it."""
        return self._lease_trouble or (self._fencing.trouble if self.state is State.FENCING else "")

    @property
    def holds(self) -> bool:
        """Whether it counts on the lease, or is just giving it up."""
        return self.state in HOLDS or self.is_releasing

    def is_down(self) -> bool:
        """Whether nothing managed runs any more that only the active controller runs."""
        return all(
            state_of(unit) is InstanceState.STOPPED
            for unit in tuple(self._supervisor.engine.units.values())
            if unit.managed and unit.definition.runs_when == "active"
        )

    def guard(self) -> None:
        """Before anything else happens in the loop: is the lease still good, by the clock alone?"""
        if self.state in HOLDS and self._tenancy.age_s >= self._definition.step_down_s:
            self._tenancy.renew_now(self._had, _LAST_CHANCE_S)
            if self._tenancy.age_s >= self._definition.step_down_s:
                self._follow(Event.LATE)
        is_over = self._tenancy.age_s >= self._definition.force_s
        if self.state is State.FALLING and is_over and not self._was_forced:
            self._force()

    def wait_s(self) -> float | None:
        """Seconds until the next look, or until the lease is too old."""
        due = [] if self._tenancy.is_busy else [self._due]
        if self.state in HOLDS:
            due.append(self._tenancy.when(self._definition.step_down_s))
        if self.state is State.FALLING and not self._was_forced:
            due.append(self._tenancy.when(self._definition.force_s))
        return min(due) - self._clock() if due else None

    def tick(self) -> None:
        """Renew or look, if that is due."""
        if self._clock() < self._due or self._tenancy.is_busy:
            return
        self._due = self._clock() + self._definition.renew_s
        if self.state in HOLDS:
            self._consider()
        else:
            self._tenancy.look(self._saw)

    def look_soon(self) -> None:
        """Something has happened that may decide who serves."""
        self._due = self._clock()

    def noticed(self) -> None:
        """A service has changed: is the last one of them down?"""
        if self.state in {State.YIELDING, State.FALLING} and self.is_down():
            self.look_soon()

    def ask_for(self, role: Role | None) -> None:
        """Work towards that role from now on; without one, towards what the lease says."""
        self.wish, self.refusal, self._looks = role, "", 0
        self.look_soon()

    def close(self) -> None:
        """Take no more jobs."""
        self._tenancy.end()
        self._fencing.end()

    def _saw(self, told: Told) -> None:
        self._due = self._next_look()
        self._note(told)
        if isinstance(told, InsvcError):
            return
        self._looks += 1
        if told is not None and not told.is_released:
            self._free_since = None
        elif self._free_since is None:
            self._free_since = self._clock()
        self._consider()

    def _next_look(self) -> float:
        """After a fixed time, or when what the peer holds runs out."""
        now, tenure = self._clock(), self._tenancy.tenure
        due = now + self._definition.renew_s
        if tenure is None or tenure.is_released:
            return due
        ends = (tenure.renewed_at + age for age in (tenure.early_s, tenure.ttl_s))
        return min([due, *(one for one in ends if one > now)])

    def _consider(self) -> None:
        view = self._view()
        event = see(self.state, view)
        if self.wish is Role.ACTIVE and event is Event.PEERS:
            self._refuse()
        self._follow(event)

    def _refuse(self) -> None:
        """Not by a look that may have been under way before the role was asked for."""
        if self._looks > 1:
            self.refusal = f"{self.holder or 'nobody'} holds the lease (epoch {self.epoch})"
        else:
            self.look_soon()

    def _follow(self, event: Event) -> None:
        before = self.state
        self.state, acts = TABLE[before, event]
        for act in acts:
            self._hands[act]()
        if self.state is not before or self.refusal:
            self._around.tell()

    def _view(self) -> View:
        since = self._free_since
        return View(
            host=self._host,
            now=self._clock(),
            tenure=self._tenancy.tenure,
            is_fit=self._is_fit(),
            is_first=self._is_first,
            is_asked=self.wish is Role.ACTIVE,
            seen_free_s=0.0 if since is None else self._clock() - since,
            is_silent=not self._around.is_peer_heard(),
            fenced=self._fencing.fenced,
            stopped=self._fencing.stopped,
            is_down=self.is_down(),
            wait_s=self._definition.wait_s,
        )

    def _is_fit(self) -> bool:
        is_locked = self._supervisor.engine.duty.locked if self._has_begun else self._was_locked
        return not (is_locked or self.is_ending or self.wish is Role.STANDBY)

    def _had(self, told: Told) -> None:
        """The lease was taken or renewed, or somebody was quicker, or nobody knows."""
        self._note(told)
        if told is None:
            self._tenancy.look(self._saw)
        elif not isinstance(told, InsvcError):
            if self.state is State.ACTIVE:
                self._serve_as(Role.ACTIVE)
            elif self.state is not State.YIELDING:
                self._consider()

    def _release(self) -> None:
        is_wanted = self.wish is Role.STANDBY or self._around.is_peer_fit()
        self.is_releasing = True
        self._free_since = None
        self._tenancy.release(self._definition.peer if is_wanted else None, self._released)

    def _released(self, told: Told) -> None:
        self.is_releasing = False
        self._saw(told) if told is not None else self._tenancy.look(self._saw)
        self._around.tell()

    def _asked_to_stop(self, what: Fenced) -> None:
        if what in {Fenced.STOPPED, Fenced.GONE}:
            self.look_soon()
        self._around.tell()

    def _stop(self) -> None:
        self._was_forced = False
        self._serve_as(Role.STANDBY)

    def _force(self) -> None:
        self._was_forced = True
        self._around.kill()

    def _serve_as(self, role: Role) -> None:
        duty = self._supervisor.engine.duty
        if self._has_begun and duty.role is not role:
            self._supervisor.engine.change_duty(replace(duty, role=role))
            self._around.tell()

    def _note(self, told: Told) -> None:
        trouble = str(told) if isinstance(told, InsvcError) else ""
        if trouble != self._lease_trouble:
            self._lease_trouble = trouble
            self._around.tell()
