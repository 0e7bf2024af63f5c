"""A restart that was asked for: begun in the loop's thread, waited for in another."""

from dataclasses import replace

from insvc.adapters.definitions import check_drain
from insvc.agent.rows import state_of
from insvc.agent.supervisor import Supervisor
from insvc.errors import InputError
from insvc.model.restart import Order, Restarted
from insvc.model.words import Action, InstanceState, Manager
from insvc.supervise import pmon, sm
from insvc.supervise.unit import Event, Unit


def restart(supervisor: Supervisor, order: Order) -> Restarted:
    """Restart a service and wait for its readiness or its failure.

    Raises:
        UnknownName: the manager does not know it.
        InputError: there is no such way to stop it; it is misconfigured or in status mode (pmon).
    """
    if order.drain is not None:
        check_drain(order.drain, order.service)
    before = supervisor.loop.call(lambda: _begin(supervisor, order))
    if isinstance(before, Restarted):
        return before
    engine = supervisor.engine
    is_over = _is_handed_over if order.action is Action.HANDOFF else _is_over

    def is_decided() -> bool:
        unit = engine.units[order.service]
        return is_over(unit, before) or _rests(supervisor, unit)

    engine.wait_for(is_decided, order.timeout_s)
    return _account(supervisor, engine.units[order.service], before)


def _begin(supervisor: Supervisor, order: Order) -> Unit | Restarted:
    """Set it going; answers with the service as it was, or with why nothing was begun."""
    engine, name = supervisor.engine, order.service
    unit = supervisor.require_process(name)
    if name in engine.duty.held:
        # It is on its way down and up again with what it needs: one way is enough.
        return unit
    if not supervisor.is_wanted(unit):
        return Restarted(done=False, said=_why_unwanted(supervisor, unit))
    if order.action is Action.HANDOFF:
        return _begin_hand_over(supervisor, order, unit)
    engine.units[name] = replace(
        unit, drain=order.drain, refused=False, clears_sessions=order.clears_sessions
    )
    if order.with_dependants and supervisor.manager is Manager.SM:
        engine.change_duty(sm.hold(engine.duty, engine.units, name))
    else:
        engine.feed(name, Event.STOP)
    return unit


def _begin_hand_over(supervisor: Supervisor, order: Order, unit: Unit) -> Unit | Restarted:
    engine, name = supervisor.engine, order.service
    if not unit.definition.hands_over:
        reason = f"its definition knows no {order.action}"
        raise InputError(name, reason, next_act="restart it instead")
    if state_of(unit) is not InstanceState.RUNNING or not engine.hand_over.has_socket(name):
        said = f"not handed over: it is {unit.state}, and a restart is what makes its socket again"
        return Restarted(done=False, said=said)
    if unit.next is None and unit.old is None:
        engine.units[name] = replace(unit, drain=order.drain)
        engine.feed(name, Event.HAND_OVER)
    return unit


def _is_handed_over(unit: Unit, _: Unit) -> bool:
    """Whether the hand-over is over, whatever came of it."""
    return unit.state not in {pmon.State.HANDING_OVER, pmon.State.RELIEVING}


def _why_unwanted(supervisor: Supervisor, unit: Unit) -> str:
    duty = supervisor.engine.duty
    if not unit.managed:
        return "not managed: it is left as it is until `sm-manage` is asked for"
    if unit.definition.name in duty.stopped:
        return "not running: an operator has stopped it"
    if unit.definition.name in duty.unprovisioned:
        return "not running: it is not in use here until `sm-provision` is asked for"
    if duty.locked:
        return "not running: the host is locked"
    flag = supervisor.pmon.why_waiting(unit.definition) if supervisor.pmon is not None else None
    reason = "it belongs to the active role" if flag is None else f"it waits for {flag}"
    return f"not running: {reason}"


def _is_over(unit: Unit, before: Unit) -> bool:
    """Whether it is ready again, has failed for good, or refused to stop."""
    state = state_of(unit)
    if unit.starts > before.starts and state is InstanceState.RUNNING:
        return True
    has_failed = unit.restarts > before.restarts and state is InstanceState.FAILED
    return has_failed or unit.refused


def _rests(supervisor: Supervisor, unit: Unit) -> bool:
    """Whether nobody starts it any more: its host has changed its role or was locked meanwhile."""
    is_asked_for = unit.definition.name not in supervisor.engine.duty.held
    is_left = not unit.managed or state_of(unit) is InstanceState.STOPPED
    return is_asked_for and is_left and not supervisor.is_wanted(unit)


def _account(supervisor: Supervisor, unit: Unit, before: Unit) -> Restarted:
    state = state_of(unit)
    is_new = unit.starts > before.starts
    is_done = is_new and state is InstanceState.RUNNING
    moments = {"stopped": unit.stopped_at, "started": unit.started_at, "ready": unit.ready_at}
    since = before.started_at or 0.0
    if not is_done and _rests(supervisor, unit):
        said = f"not over: {_why_unwanted(supervisor, unit)}"
    else:
        said = _words(unit, is_new=is_new, is_done=is_done)
    return Restarted(
        done=is_done,
        said=said,
        drained=None if before.main is None else unit.drained,
        times={
            name: supervisor.epoch_of(moment)
            for name, moment in moments.items()
            if moment is not None and moment > since
        },
    )


def _failures(unit: Unit) -> str:
    if unit.definition.manager is not Manager.SM:
        return f"{unit.failures} failures, {unit.definition.restarts} allowed"
    spent, budget = unit.spent, unit.budget
    return (
        f"{spent.condition}, {spent.deaths} deaths of {budget.deaths}, "
        f"{spent.failed_actions} failed starts of {budget.failed_actions}, "
        f"{spent.failed_transitions} of {budget.failed_transitions} until it is given up"
    )


def _words(unit: Unit, *, is_new: bool, is_done: bool) -> str:
    if is_done:
        return f"{unit.state} again"
    if unit.refused and unit.definition.script is not None:
        return f"left running: {unit.told}"
    if unit.refused:
        return f"left running: it did not end within its {unit.drain_rule.timeout_s:g} s drain time"
    if not is_new and state_of(unit) is InstanceState.RUNNING and unit.definition.hands_over:
        return "not handed over: the new process did not get ready, the old one serves on"
    if state_of(unit) is InstanceState.FAILED:
        why = f"; {unit.told}" if unit.definition.script is not None else ""
        return f"failed: {_failures(unit)}{why}"
    return f"not over in time: {unit.state}, {'started' if is_new else 'not started'} anew"
