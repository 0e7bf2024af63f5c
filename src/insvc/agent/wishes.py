"""What operators ask of single services beside a restart: down, up, left alone, run now."""

from insvc.agent.restarting import restart
from insvc.agent.rows import state_of
from insvc.agent.supervisor import STOPPED_S, Supervisor
from insvc.errors import InputError
from insvc.model.restart import Order, Restarted
from insvc.model.words import InstanceState
from insvc.supervise import cron
from insvc.supervise.unit import Event, Unit, start_again, stop_until


def stop(supervisor: Supervisor, name: str, timeout_s: float) -> Restarted:
    """Take a service down and keep it down for half an hour, or until it is started again.

    Raises:
        UnknownName: the manager does not know it.
        InputError: pmon looks at it by its script alone, it is misconfigured, or not managed.
    """
    _require_managed(supervisor, name)
    engine = supervisor.engine
    until = supervisor.clock() + STOPPED_S
    supervisor.loop.call(lambda: engine.change_duty(stop_until(engine.duty, name, until)))
    engine.wait_for(lambda: _is(supervisor, name, InstanceState.STOPPED), timeout_s)
    done = _is(supervisor, name, InstanceState.STOPPED)
    said = f"stopped for {STOPPED_S / 60:g} minutes" if done else "did not end in time"
    return Restarted(done=done, said=said)


def start(supervisor: Supervisor, name: str, timeout_s: float) -> Restarted:
    """Let a service be kept up again, and wait until it is.

    Raises:
        UnknownName: the manager does not know it.
        InputError: pmon looks at it by its script alone, it is misconfigured, or not managed.
    """
    _require_managed(supervisor, name)
    engine = supervisor.engine
    supervisor.loop.call(lambda: engine.change_duty(start_again(engine.duty, name)))
    if not supervisor.is_wanted(engine.units[name]):
        return Restarted(done=False, said="is not meant to run here now")
    if state_of(engine.units[name]) is InstanceState.FAILED:
        return restart(supervisor, Order(service=name, timeout_s=timeout_s))
    over = {InstanceState.RUNNING, InstanceState.FAILED}
    engine.wait_for(lambda: state_of(engine.units[name]) in over, timeout_s)
    state = state_of(engine.units[name])
    return Restarted(done=state is InstanceState.RUNNING, said=f"is {state}")


def check(supervisor: Supervisor, name: str, timeout_s: float) -> Restarted:  # noqa: ARG001 - asks nothing that takes time
    """Tell whether a service can be stopped and started by name at all.

    Raises:
        UnknownName: the manager does not know it.
        InputError: it cannot.
    """
    supervisor.require_process(name)
    return Restarted(done=True, said="can be restarted")


def set_managed(supervisor: Supervisor, name: str, *, managed: bool) -> Restarted:
    """Let the manager act on a service again, or leave it as it is.

    Raises:
        UnknownName: the manager does not know it.
    """
    supervisor.require(name)
    supervisor.loop.call(lambda: supervisor.write_managed(name, managed))
    return Restarted(done=True, said="is managed" if managed else "is not managed any more")


def run_now(supervisor: Supervisor, name: str, timeout_s: float) -> Restarted:
    """Run a job once, now, and wait for its end; one that runs already is waited for.

    Raises:
        UnknownName: the manager does not know it.
        InputError: it is not scheduled on this host.
    """
    unit = supervisor.require(name)
    if unit.state == cron.State.IDLE:
        raise InputError(
            name,
            "is not scheduled on this host: it runs on the active controller alone",
            next_act="run it there",
        )
    engine = supervisor.engine
    was_running = unit.main is not None
    before = unit.starts
    if not was_running:
        supervisor.loop.call(lambda: engine.feed(name, Event.RUN_DUE))
    done = engine.wait_for(lambda: _has_run(engine.units[name], before, was_running), timeout_s)
    if not done:
        return Restarted(done=False, said="had not ended in time; it goes on")
    said = "was running already and has ended" if was_running else "has run"
    code = engine.units[name].exit_code
    if code is None:
        return Restarted(done=False, said=f"{said}; how it ended is not known")
    return Restarted(done=code == 0, said=said if code == 0 else f"{said} and failed: exit {code}")


def _require_managed(supervisor: Supervisor, name: str) -> None:
    """Refuse what would be noted now and come true only when it is managed again, unasked.

    Raises:
        UnknownName: the manager does not know it.
        InputError: it cannot be stopped and started by name now.
    """
    if not supervisor.require_process(name).managed:
        reason = "is not managed: it is left as it is until `sm-manage` is asked for"
        raise InputError(name, reason, next_act=f"sm-manage service {name}")


def _has_run(unit: Unit, before: int, was_running: bool) -> bool:
    return unit.main is None and (was_running or unit.starts > before)


def _is(supervisor: Supervisor, name: str, state: InstanceState) -> bool:
    return state_of(supervisor.engine.units[name]) is state


def carry_out(supervisor: Supervisor, wish: str, name: str, timeout_s: float) -> Restarted:
    """What an operator asks of one service, by its word.

    Raises:
        UnknownName: the manager does not know the service.
        InputError: it cannot be asked that.
    """
    if wish in {"manage", "unmanage"}:
        return set_managed(supervisor, name, managed=wish == "manage")
    acts = {
        "check": check,
        "stop": stop,
        "disable": stop,
        "start": start,
        "enable": start,
        "run": run_now,
    }
    if wish not in acts:
        known = ", ".join(sorted((*acts, "manage", "unmanage")))
        reason = f"found {wish!r}, expected one of {known}"
        raise InputError(name, reason, next_act="ask for one of them")
    return acts[wish](supervisor, name, timeout_s)
