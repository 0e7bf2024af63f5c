"""What is told of cron's jobs: their rows and the entries that are discovered from them."""

from collections.abc import Mapping

from insvc.catalog.entry import Entry, Impact, Service
from insvc.inspect.crontab import Job
from insvc.model.manager_row import ManagerRow
from insvc.model.words import (
    Action,
    InstanceState,
    Manager,
    Personality,
    Redundancy,
)


def row_of(
    job: Job,
    *,
    pids: tuple[int, ...],
    began_at: float | None,
    next_run_at: float | None,
    has_daemon: bool,
) -> ManagerRow:
    """The row of one job.

    Args:
        job: the job.
        pids: its processes; none between two runs.
        began_at: when its present run began.
        next_run_at: when its next one is due; absent where nobody can tell.
        has_daemon: whether anything runs that would start it.
    """
    state = InstanceState.SCHEDULED if has_daemon else InstanceState.STOPPED
    return ManagerRow(
        name=job.name,
        manager=Manager.CRON,
        state=InstanceState.RUNNING if pids else state,
        desired=state,
        pid=pids[0] if pids else None,
        pids=pids[1:],
        last_run_at=began_at,
        next_run_at=next_run_at if has_daemon else None,
    )


def entry_of(job: Job) -> Entry:
    """How the job is to be cured: its next run starts afresh (law 6).

    Its arguments are not told: they may hold secrets.
    """
    source = f"discovered: {job.source}:{job.line}"
    told: Mapping[str, str] = dict.fromkeys(("function", "managed_by", "action"), source)
    who = f" as {job.user}" if job.user else ""
    return Entry(
        name=job.name.lower(),
        title=job.name,
        function=f"runs {job.program}{who}, as line {job.line} of {job.source} says",
        in_service_patchable=True,
        managed_by=Manager.CRON,
        runs_on=(Personality.HOST,),
        redundancy=Redundancy.PER_HOST,
        services=(Service(name=job.name),),
        action=Action.NEXT_RUN,
        impact=Impact(outstanding_requests="none", new_requests="none", recovers="by-itself"),
        provenance=dict(told),
    )
