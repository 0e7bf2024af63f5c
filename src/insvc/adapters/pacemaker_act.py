"""One restart through Pacemaker: lay a lease, see the stop, let go, see the start through."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple, Protocol

from insvc.errors import WorldError
from insvc.inspect.pacemaker import Cluster
from insvc.inspect.pacemaker_cib import OURS, PENDING, Cib, Operation, read_cib
from insvc.inspect.pacemaker_course import (
    IDLE,
    Lease,
    Refusal,
    Stage,
    guard_refusal,
    last_call,
    lease,
    refusal,
    stage_of,
    stop_since,
)
from insvc.model.restart import Order, Restarted
from insvc.ports import HostManager

_LOOK_AGAIN_S = 0.01
_SETTLES_S = 30.0
_LEASE_S = (10.0, 60.0)
_MARGIN_S = 1.0
_LET_GO_TRIES = 3


class Tools(Protocol):
    """What asks the cluster; every question may fail with a `WorldError`."""

    def status(self) -> str:
        """What it does, as `crm_mon --output-as=xml --inactive` tells it."""
        ...

    def configuration(self, scope: str = "") -> str:
        """Its configuration and its memory of operations, or one part of it."""
        ...

    def node(self) -> str:
        """What it calls this node."""
        ...

    def state(self, controller: str) -> str:
        """The state of the controller on a node."""
        ...

    def modify(self, text: str) -> None:
        """Put a part into the configuration, in one change."""
        ...

    def delete(self, query: str) -> None:
        """Take away what a query finds."""
        ...


class View(NamedTuple):
    """The cluster, asked once.

    Attributes:
        cluster: what it does.
        cib: its configuration and its memory.
        here: what it calls this node.
    """

    cluster: Cluster
    cib: Cib
    here: str


class PacemakerAct:
    """One restart of one resource on this node.

    Args:
        tools: what asks the cluster.
        look: asks for all of it.
        order: what is ordered.
        pause: what lets some seconds pass.
    """

    def __init__(
        self,
        tools: Tools,
        look: Callable[[], View],
        order: Order,
        pause: Callable[[float], object],
    ) -> None:
        self._tools = tools
        self._look = look
        self._order = order
        self._pause = pause
        self._until = time.monotonic() + order.timeout_s
        self._times: dict[str, float] = {}
        self._is_cloned = False
        self._stops_until = self._until

    def carry_out(self) -> Restarted:
        """Stop it and let it start again.

        Raises:
            WorldError: it is refused by name, or the cluster does not answer; nothing was done.
        """
        view = self._look()
        if self._take_over(view):
            return self._see_start(view, last_call(self._before(view)))
        view = self._settled()
        self._refuse(refusal(view.cluster, view.cib, self._order.service, view.here))
        call = last_call(self._before(view))
        laid = self._lease(view)
        try:
            return self._under_lease(view, laid, call)
        finally:
            if laid.stay:
                self._let_go(laid.stay)

    def carry_out_of_unit(self, units: HostManager) -> Restarted:
        """Restart Pacemaker or Corosync itself, where nothing that runs here would notice.

        Raises:
            WorldError: it is refused by name, or the cluster does not answer; nothing was done.
        """
        view = self._settled()
        self._refuse(guard_refusal(view.cluster, view.here))
        told = units.restart(self._order)
        while told.done and time.monotonic() < self._until:
            with suppress(WorldError):
                node = (now := self._look()).cluster.node(now.here)
                if node is not None and node.online and now.cluster.controller:
                    return told
            self._pause(_LOOK_AGAIN_S)
        reason = "; this node was not online again in time" if told.done else ""
        return Restarted(done=False, said=told.said + reason, times=told.times)

    def _refuse(self, refused: Refusal | None) -> None:
        if refused is not None:
            raise WorldError(self._order.service, refused.reason, next_act=refused.next_act)

    def _settled(self) -> View:
        """The cluster with nothing left to do.

        Raises:
            WorldError: it is still at work after some time.
        """
        until = min(self._until, time.monotonic() + _SETTLES_S)
        state = "no controller"
        while True:
            view = self._look()
            if not view.cluster.controller or not view.cluster.has_quorum:
                return view
            state = self._tools.state(view.cluster.controller)
            if state == IDLE:
                return view
            if time.monotonic() >= until:
                raise WorldError(
                    self._order.service,
                    f"the cluster is still at work ({state or 'no state'})",
                    next_act="wait with `crm_resource --wait`, then ask again",
                )
            self._pause(_LOOK_AGAIN_S)

    def _under_lease(self, view: View, laid: Lease, call: int) -> Restarted:
        try:
            self._tools.modify(laid.text)
            said = self._see_stop(view, call)
        finally:
            self._let_go(laid.hold)
        return self._told(said, done=False) if said else self._see_start(view, call)

    def _take_over(self, view: View) -> bool:
        """Take away what a restart that was cut off has left; whether it had stopped it."""
        name = self._order.service
        hold = f"{OURS}stop-{name}"
        for one in {hold, f"{OURS}stay-{name}"} & set(view.cib.leases):
            self._let_go(f"//*[@id='{one}']")
        is_up = any(one.nodes for one in view.cluster.copies(name))
        return hold in view.cib.leases and not is_up

    def _before(self, view: View) -> Sequence[Operation]:
        return view.cib.operations.get((self._order.service, view.here), ())

    def _lease(self, view: View) -> Lease:
        lowest, highest = _LEASE_S
        length_s = min(max(self._order.timeout_s, lowest), highest)
        self._stops_until = min(self._until, time.monotonic() + length_s - _MARGIN_S)
        resource = view.cib.primitives[self._order.service]
        self._is_cloned = bool(resource.clone)
        return lease(resource, view.here, time.time() + length_s)

    def _let_go(self, query: str) -> None:
        """Take a part of a lease away; where that fails, it ends by itself."""
        for _ in range(_LET_GO_TRIES):
            with suppress(WorldError):
                self._tools.delete(query)
                return
            self._pause(_LOOK_AGAIN_S)

    def _see_stop(self, view: View, call: int) -> str:
        """Wait until it is being stopped; answers with why it was not, or did not end well.

        The lease of a single resource may go as soon as its stop has begun: the cluster starts it
        again right after. A copy's is kept until the cluster has arranged itself without it.
        """
        while True:
            cib = self._now()
            stop = stop_since(() if cib is None else self._of(cib, view), call)
            if stop is not None:
                self._times.setdefault("stopped", time.time())
                if stop.status != PENDING and stop.code != 0:
                    return f"its stop failed: {stop.reason or f'code {stop.code}'}"
                if not self._is_cloned or self._is_idle(view):
                    return ""
            if time.monotonic() >= self._stops_until:
                return f"Pacemaker did not stop it within {self._order.timeout_s:g} s"
            self._pause(_LOOK_AGAIN_S)

    def _see_start(self, view: View, call: int) -> Restarted:
        """Wait until it has started here, is watched again, and all is settled."""
        said = "it was not started again in time"
        while time.monotonic() < self._until:
            cib = self._now()
            stage, why = (Stage.WAITING, "") if cib is None else self._stage(cib, view, call)
            if why:
                return self._told(why, done=False)
            if stage is Stage.READY and self._is_idle(view):
                return self._told(f"Pacemaker restarted it on {view.here}", done=True)
            if stage is Stage.WAITING:
                where = self._elsewhere(view)
                if where:
                    return self._told(f"Pacemaker started it on {where} instead", done=False)
            else:
                said = "it was started, and its monitor or the cluster did not come to rest in time"
            self._pause(_LOOK_AGAIN_S)
        return self._told(said, done=False)

    def _stage(self, cib: Cib, view: View, call: int) -> tuple[Stage, str]:
        """How far it has come, with why it failed where it did."""
        key = (self._order.service, view.here)
        is_watched = any(one.interval_ms > 0 for one in self._before(view))
        stage, why = stage_of(self._of(cib, view), call, is_watched=is_watched)
        if cib.failures.get(key, 0) > view.cib.failures.get(key, 0):
            why = why or "it failed once more since"
        if stage in {Stage.STARTED, Stage.READY}:
            self._times.setdefault("started", time.time())
        if stage is Stage.READY:
            self._times.setdefault("ready", time.time())
        return stage, why

    def _elsewhere(self, view: View) -> str:
        """The node on which it was started instead; empty where on none, or that is not known."""
        if self._is_cloned or not self._is_idle(view):
            return ""
        with suppress(WorldError):
            for one in self._look().cluster.copies(self._order.service):
                if one.nodes and view.here not in one.nodes:
                    return one.nodes[0]
        return ""

    def _now(self) -> Cib | None:
        """What the cluster remembers now; nothing where it does not answer."""
        with suppress(WorldError, ValueError):
            return read_cib(self._tools.configuration("status"))
        return None

    def _of(self, cib: Cib, view: View) -> Sequence[Operation]:
        return cib.operations.get((self._order.service, view.here), ())

    def _is_idle(self, view: View) -> bool:
        with suppress(WorldError):
            return self._tools.state(view.cluster.controller) == IDLE
        return False

    def _told(self, said: str, *, done: bool) -> Restarted:
        return Restarted(done=done, said=said, times=self._times)
