"""Undo a run: put the old packages back, and restart what is stale or down then."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from insvc.check.plan_check import OUR_DEFECT, check_plan, refuse_unsafe
from insvc.controller.aftermath import observe_settled, still_down
from insvc.controller.carrier import carry_on
from insvc.controller.history import measured_so_far
from insvc.controller.session import Session
from insvc.errors import InputError, InsvcError, PlanRefused, StaleEpoch, WorldError
from insvc.execute.decide import hosts_left_locked
from insvc.execute.records import created, ended
from insvc.execute.run import Record, RecordKind
from insvc.execute.state import Run
from insvc.execute.transitions import RunState
from insvc.flow import Patch, install_patch, observe_cloud
from insvc.model.act import PackageChange
from insvc.model.observation import Observation
from insvc.patch.changes import archive_of, reverse
from insvc.plan.plan import Plan
from insvc.plan.planner import make_plan

_UNDOABLE = {RunState.SUCCEEDED, RunState.FAILED, RunState.ABORTED, RunState.ROLLING_BACK}


def check_undoable(run: Run) -> None:
    """Refuse early what cannot be undone.

    Raises:
        InputError: it has not ended, was undone already, or what was installed is not known.
        UnknownName: a package file of the time before is not at hand.
    """
    if run.state is RunState.ROLLED_BACK:
        raise InputError(
            f"run {run.run}",
            f"was rolled back already, by run {run.rollback_run}",
            next_act=f"see `insvc run show {run.rollback_run}`",
        )
    if run.state not in _UNDOABLE:
        raise InputError(
            f"run {run.run}",
            f"is {run.state}, and only a run that has ended can be rolled back",
            next_act=f"end it first: `insvc run abort {run.run}`",
        )
    if not any(run.patch.values()):
        raise InputError(
            f"run {run.run}",
            "does not know which packages were installed before it, so it cannot undo them",
            next_act="install the old packages by hand, then `insvc scan` and `insvc plan`",
        )
    former_packages(run.patch)


def former_packages(patch: Mapping[str, Sequence[PackageChange]]) -> Patch:
    """The changes that bring every host back; old files lie beside the new ones.

    Raises:
        UnknownName: a package file of the time before is not at hand.
    """
    folders = {path.parent for path in _paths(patch)}
    files = [str(one) for folder in sorted(folders) for one in sorted(folder.iterdir())]
    return reverse(patch, archive_of(files))


async def undo(session: Session, *, why: str) -> None:
    """Roll the session's run back, from wherever an earlier try of it was cut off.

    Everything that goes wrong on the way ends the rollback as failed; the records tell why.

    Raises:
        RunInterrupted: a person stopped it after the step in hand; resume the session's run.
        StaleEpoch: a newer controller has taken over; nothing more was written.
    """
    if session.run.state is not RunState.ROLLING_BACK:
        name = _name_for(session)
        body = {"run": name, "why": why}
        session.write(Record(kind=RecordKind.ROLLBACK_STARTED, at=session.now(), body=body))
    if session.run.epoch != session.epoch:
        session.begin()
    inner = _inner_session(session, str(session.run.rollback_run))
    session.progress.said(f"run {session.run.run} is rolled back by run {inner.run.run}: {why}")
    await _carry_out(session, inner)
    outcome, why = "failed", inner.run.why
    if inner.run.state is RunState.SUCCEEDED:
        down = await still_down(session)
        outcome = "failed" if down else "rolled-back"
        why = f"ran before run {session.run.run}, does not now: {', '.join(down)}" if down else why
    body = {"run": inner.run.run, "outcome": outcome, "why": why}
    session.write(Record(kind=RecordKind.ROLLBACK_ENDED, at=session.now(), body=body))


def _inner_session(session: Session, run: str) -> Session:
    """A session for another run under the same lease and the same wish to stop."""
    return Session(session.world, run, session.epoch, session.progress, session.stop)


async def _carry_out(session: Session, inner: Session) -> None:
    if inner.run.run not in session.world.journal.names():
        await _begin(session, inner)
    inner.sync()
    if inner.run.state.is_over:
        return
    if not any(inner.run.patch.values()):
        _end_refused(inner)
        return
    await carry_on(inner)


async def _begin(session: Session, inner: Session) -> None:
    """Old packages back and a plan for what is stale then; or a run that says why not."""
    try:
        patch = former_packages(session.run.patch)
        world = session.world
        _refuse_newer(await observe_cloud(world.topology, world.agents), session.run)
        await install_patch(world.topology, world.agents, patch, session.epoch, session.progress)
        seen = await observe_settled(session)
        plan = _plan(session, seen)
    except StaleEpoch:
        raise
    except (WorldError, PlanRefused, InputError) as fault:
        _end_at_once(session, inner, fault)
        return
    _create(session, inner, plan, patch, len(seen.stale()))


def _plan(session: Session, seen: Observation) -> Plan:
    """What the new code has broken is started again; a failure here must not roll back again."""
    policy = replace(
        session.run.plan.policy,
        on_failure="stop",
        revive_failed=True,
        unlock=tuple(hosts_left_locked(session.run)),
    )
    world = session.world
    plan = make_plan(seen, world.catalog, world.topology, policy, measured_so_far(world))
    refuse_unsafe(check_plan(plan, seen, world.catalog, world.topology), OUR_DEFECT)
    return plan


def _create(
    session: Session,
    inner: Session,
    plan: Plan,
    patch: Patch,
    stale_before: int,
    warnings: Sequence[str] = (),
) -> None:
    inner.write(
        created(
            plan,
            at=session.now(),
            patch=patch,
            stale_before=stale_before,
            warnings=warnings,
            rollback_of=session.run.run,
        )
    )


def _end_at_once(session: Session, inner: Session, fault: InsvcError) -> None:
    _create(session, inner, Plan(), {}, 0, (str(fault),))
    _end_refused(inner)


def _end_refused(inner: Session) -> None:
    """End a run that was made only to tell why nothing was put back: it bears no patch."""
    inner.begin()
    inner.write(ended("failed", "; ".join(inner.run.warnings), at=inner.now(), rollback=False))


def _refuse_newer(seen: Observation, run: Run) -> None:
    """Another patch was installed since: going back would undo that one too."""
    for host in seen.hosts:
        for change in run.patch.get(host.host, ()):
            found = host.packages.get(change.package, change.to_version)
            if found not in {change.to_version, change.from_version}:
                raise InputError(
                    f"{change.package} on {host.host}",
                    f"has version {found}, run {run.run} was about {change.to_version}",
                    next_act="roll back the newer run first",
                )


def _name_for(session: Session) -> str:
    taken = session.world.journal.names()
    base = f"{session.run.run}-rollback"
    candidate, count = base, 1
    while candidate in taken:
        count += 1
        candidate = f"{base}-{count}"
    return candidate


def _paths(patch: Mapping[str, Sequence[PackageChange]]) -> set[Path]:
    return {Path(change.path) for changes in patch.values() for change in changes}
