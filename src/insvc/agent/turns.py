"""A service manager that takes turns with its peer: lease, heartbeats, alarms, and who follows."""

import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from insvc.adapters.ask import ask
from insvc.adapters.definitions import HostFile
from insvc.adapters.heartbeat import KEY_FILE, next_life, read_key
from insvc.adapters.pair_lease import FOLDER, FolderLease, boottime
from insvc.agent.alarms import PAIR, AlarmKeeper
from insvc.agent.errands import Errands
from insvc.agent.fence import Fenced, end_active_services, fence_peer
from insvc.agent.heartbeat import Heartbeat, Voice
from insvc.agent.pair import PairKeeper, Surroundings
from insvc.agent.role_change import RoleChange
from insvc.agent.supervisor import Supervisor
from insvc.agent.swact import own_state
from insvc.errors import WorldError
from insvc.model.words import Role
from insvc.supervise.pair import PairDefinition
from insvc.supervise.pair_alarms import of_pair
from insvc.supervise.swact import ONE_EACH_S, Nodes, NodeState, swacts_by_itself

COMPARE_S = 3.0
"""Between two comparisons of how well both controllers are."""
STICKS_S = 300.0
"""How long a controller that handed over because it had failed counts as failed."""
_FOLLOW_AGAIN_S = 2.0
_FOLLOW_S = 5.0
_RELEASE_S = 3.0


class Turns:
    """One controller's side of the pair, around its service manager.

    Args:
        folder: the host's folder.
        host: what the host is.
        definition: of the pair.
        supervisor: the service manager.

    Attributes:
        keeper: of the lease.
        beat: what is heard of the peer.
        changes: what changes places for who asks.

    Raises:
        WorldError: heartbeats cannot be heard, or their key is unfit.
    """

    def __init__(
        self, folder: Path, host: HostFile, definition: PairDefinition, supervisor: Supervisor
    ) -> None:
        self._host = host.host
        self._definition = definition
        self._supervisor = supervisor
        self._agent = folder / "run" / "agent.sock"
        self._root = folder.absolute() / "root"
        self._peer = folder.absolute().parent / definition.peer
        cloud = folder.parent.parent
        self.keeper = PairKeeper(
            supervisor,
            definition,
            host.host,
            is_first=host.initial_role is Role.ACTIVE,
            lease=FolderLease(cloud / FOLDER, host.host, definition.ttl_s),
            around=Surroundings(
                fence=self._fence,
                is_peer_heard=lambda: self.beat.is_heard,
                is_peer_fit=self._is_peer_fit,
                kill=self._kill,
                tell=self._tell,
                clock=boottime,
            ),
        )
        voice = Voice(read_key(cloud / KEY_FILE), next_life(folder / "run" / "heartbeat.life"))
        self.beat = Heartbeat(
            supervisor.loop, definition, host.address, voice, self.own, self._heard
        )
        self.changes = RoleChange(supervisor, definition, host.host, self.keeper, self.beat)
        self._alarms = AlarmKeeper(folder, host.host, PAIR)
        self._errands = Errands(supervisor.loop)
        self._is_telling = False
        self._has_begun = False
        self._round_due = self._follow_due = self._compare_due = 0.0
        self._gave_up_at: float | None = None
        self._gave_up_for: tuple[str, ...] = ()
        self._failed_at: float | None = None
        self._yields_until: float | None = None

    # In the loop's thread.

    def begin(self) -> None:
        """Take over what runs, in the role that the lease gives."""
        known = self._supervisor.memory.load()
        role = self.keeper.begin(is_locked=known is not None and known.locked)
        self._supervisor.begin(role, is_decided=True)
        if role is Role.STANDBY:
            self._kill()
        engine = self._supervisor.engine
        remember = engine.on_change

        def on_change() -> None:
            remember()
            self.keeper.noticed()

        engine.on_change = on_change
        self._supervisor.loop.first = self.keeper.guard
        self._supervisor.loop.add_timed(self.keeper)
        self._supervisor.loop.add_timed(self)
        self._has_begun = True

    def wait_s(self) -> float | None:
        """Seconds until the next round."""
        return self._round_due - time.monotonic()

    def tick(self) -> None:
        """Once a heartbeat: let the agent follow, keep the alarms true, compare both."""
        now = time.monotonic()
        if now < self._round_due:
            return
        self._round_due = now + self._definition.hello_s
        self._keep_alarms()
        if now >= self._follow_due and not self._is_telling:
            self._let_follow()
        if self._yields_until is not None:
            self._end_yielding(now)
        elif now >= self._compare_due:
            self._compare_due = now + COMPARE_S
            self._compare(now)

    def own(self) -> NodeState:
        """How this one stands; one that gave up by itself counts as failed for a while."""
        found = own_state(
            self._supervisor,
            self._host,
            is_ready=not self.keeper.is_ending,
            epoch=self.keeper.epoch,
        )
        at = self._gave_up_at
        is_failed = at is not None and time.monotonic() < at + STICKS_S
        found = replace(found, holds=self.keeper.holds)
        if not is_failed:
            return found
        return replace(found, status="failed", ailing=found.ailing or self._gave_up_for)

    def _keep_alarms(self) -> None:
        patience_s = self._definition.wait_s if self.beat.last is None else self._definition.dead_s
        is_silent = self.beat.silent_s >= patience_s
        nodes = self.nodes()
        self._alarms.hold(of_pair(nodes, is_silent=is_silent, trouble=self.keeper.trouble))

    def _compare(self, now: float) -> None:
        at, nodes = self._gave_up_at, self.nodes()
        since_last_s = None if at is None else now - at
        if not (self.keeper.holds and swacts_by_itself(nodes, since_last_s=since_last_s)):
            self._failed_at = None
            return
        self._failed_at = now if self._failed_at is None else self._failed_at
        if now >= self._failed_at + self._definition.patience_s:
            self._gave_up_at, self._gave_up_for = now, nodes.own.ailing
            self._yields_until = now + ONE_EACH_S
            self.keeper.ask_for(Role.STANDBY)

    def _end_yielding(self, now: float) -> None:
        """Once it is over, either way, the lease alone decides again."""
        if self._yields_until is not None and (not self.keeper.holds or now >= self._yields_until):
            self._yields_until = None
            self.keeper.ask_for(None)

    def _let_follow(self) -> None:
        """Tell the agent the role, now and again: pmon, cron and those who look go by it."""
        question = {"ask": "follow", "role": self._supervisor.engine.duty.role}
        self._is_telling = True
        self._errands.run(lambda: ask(self._agent, question, _FOLLOW_S), self._told)

    def _told(self, _: object) -> None:
        self._is_telling = False
        self._follow_due = time.monotonic() + _FOLLOW_AGAIN_S

    def _tell(self) -> None:
        """Something has changed: those who wait look, the agent follows, the peer hears of it."""
        self._follow_due = self._round_due = 0.0
        if self._has_begun:
            self.beat.send()
        self._wake()

    def _wake(self) -> None:
        with self._supervisor.engine.changed:
            self._supervisor.engine.changed.notify_all()

    def _heard(self, has_changed: bool) -> None:
        if has_changed:
            self.keeper.look_soon()
        self._wake()

    def _is_peer_fit(self) -> bool:
        peer = self.beat.peer
        return self.beat.is_heard and peer is not None and peer.operational == "enabled"

    def _kill(self) -> None:
        with suppress(WorldError):  # what outlives SIGKILL is still seen by who waits for its end
            end_active_services(self._root, spares_stops=True)

    def _fence(self, epoch: int) -> tuple[Fenced, str]:
        return fence_peer(self._peer / "run/agent.sock", self._peer / "root", epoch, self._host)

    # In threads of those who ask too.

    def nodes(self) -> Nodes:
        """How both controllers stand, as this one sees them."""
        return Nodes(
            own=self.own(),
            peer_name=self._definition.peer,
            peer=self.beat.peer,
            heard_s=self.beat.heard_s,
            is_heard=self.beat.is_heard,
        )

    def prepare_end(self) -> None:
        """Serve no more from now on; the lease is kept until everything is down."""
        self._supervisor.loop.call(self._begin_end)

    def end(self) -> None:
        """Wait until the lease is given up, then fall silent."""
        self._supervisor.engine.wait_for(lambda: not self.keeper.holds, _RELEASE_S)
        self._supervisor.loop.call(self._fall_silent)

    def _begin_end(self) -> None:
        self.keeper.is_ending = True
        self.keeper.look_soon()
        self.beat.send()

    def _fall_silent(self) -> None:
        self.beat.close()
        self.keeper.close()
        self._errands.end()
        self._alarms.close()
        self._round_due = float("inf")
