"""Lets a controller change places with its peer for who asks, and waits until that is done."""

import time
from collections.abc import Callable

from insvc.agent.heartbeat import Heartbeat
from insvc.agent.pair import PairKeeper
from insvc.agent.supervisor import Supervisor
from insvc.errors import WorldError
from insvc.model.words import InstanceState, Role
from insvc.supervise.pair import PairDefinition
from insvc.supervise.swact import Swacted


class RoleChange:
    """Works towards a role through the lease's keeper. Belongs to the threads of those who ask.

    Args:
        supervisor: the service manager.
        definition: of the pair.
        host: this controller.
        keeper: of the lease.
        beat: what the peer tells of itself.
    """

    def __init__(
        self,
        supervisor: Supervisor,
        definition: PairDefinition,
        host: str,
        keeper: PairKeeper,
        beat: Heartbeat,
    ) -> None:
        self._supervisor = supervisor
        self._definition = definition
        self._host = host
        self._keeper = keeper
        self._beat = beat

    def take_role(self, role: Role, timeout_s: float) -> tuple[str, ...]:
        """Release the lease to the peer, or take it; the services that did not follow in time.

        Where services do not go down in time, the lease is kept and they serve on.

        Raises:
            WorldError: the lease cannot be had, or not be given up.
        """
        until = time.monotonic() + timeout_s
        if role is Role.STANDBY:
            return self._yield(until)
        keeper = self._keeper
        self._ask_and_wait(Role.ACTIVE, lambda: self._serves() or bool(keeper.refusal), until)
        if not self._serves():
            reason = keeper.refusal or keeper.trouble or "the lease was not had in time"
            self._forget()
            raise WorldError(
                self._host,
                f"cannot become active: {reason}",
                next_act="let the other controller go standby first",
            )
        self._forget()
        self._wait(lambda: not self._supervisor.unsettled(), until)
        rows = self._supervisor.rows()
        failed = (one.name for one in rows if one.state is InstanceState.FAILED)
        return (*self._supervisor.unsettled(), *failed)

    def hear_peer(self) -> None:
        """Wait for one more word of the peer, which tells what was done to it until now."""
        last = self._beat.last
        until = time.monotonic() + self._definition.dead_s
        self._wait(lambda: self._beat.last is not last, until)

    def hand_over(self, timeout_s: float) -> Swacted:
        """Swact: step down, release the lease to the peer, and wait until that serves by it."""
        until = time.monotonic() + timeout_s
        late = self._yield(until)
        if late:
            return Swacted(done=False, said="they did not go down, so all serve on", late=late)
        peer = self._definition.peer
        if self._wait(self._peer_serves, min(until, time.monotonic() + self._definition.wait_s)):
            said = f"{peer} holds the lease (epoch {self._keeper.epoch})"
            return Swacted(done=True, said=said)
        said = f"{peer} has not told that it serves; where it does not, {self._host} does again"
        return Swacted(done=False, said=said)

    def _yield(self, until: float) -> tuple[str, ...]:
        keeper = self._keeper
        was_held = keeper.holds
        self._ask_and_wait(Role.STANDBY, lambda: not keeper.holds, until)
        late = self._supervisor.unsettled() if keeper.holds else ()
        self._forget()
        if was_held and not late and keeper.holder == self._host:
            raise WorldError(
                self._host,
                f"cannot give the lease up: {keeper.trouble or 'not in time'}",
                next_act="bring the store of the lease back, then ask again",
            )
        return late

    def _ask_and_wait(self, role: Role, is_over: Callable[[], bool], until: float) -> None:
        self._supervisor.loop.call(lambda: self._keeper.ask_for(role))
        self._wait(is_over, until)

    def _forget(self) -> None:
        self._supervisor.loop.call(lambda: self._keeper.ask_for(None))

    def _serves(self) -> bool:
        return self._keeper.permits() and self._supervisor.engine.duty.role is Role.ACTIVE

    def _peer_serves(self) -> bool:
        """By the lease and by its own word, which may come later."""
        peer = self._beat.peer
        has_told = self._beat.is_heard and peer is not None and peer.role is Role.ACTIVE
        return has_told and self._keeper.holder == self._definition.peer

    def _wait(self, is_over: Callable[[], bool], until: float) -> bool:
        return self._supervisor.engine.wait_for(is_over, until - time.monotonic())
