"""Realistic reports: a patched cloud, a run that failed half way, and the path over swact and lock.

Run as a program it writes the renderings to a folder, for the eye.
"""

import sys
from dataclasses import replace
from pathlib import Path

from insvc.model.observation import ProcessIdentity
from insvc.model.words import Action, Outcome
from insvc.plan.plan import Impairment, Omission
from insvc.report.report import (
    Check,
    Phase,
    Report,
    Requests,
    SeenOutage,
    ServiceRequests,
    StaleInstance,
    StepEvidence,
    StepReport,
)

BEGAN = 1_795_348_982.25
BOOT = "7f1a4c9e-52d1-4a3b-9b1e-0c6a2f84d5aa"
LADDER = (
    ("manager-done", "pmon reports the restart complete"),
    ("new-identity", "no process from before the restart is left"),
    ("nothing-stale", "the re-scan found no replaced file"),
    ("ready", "its readiness check answered"),
    ("dwelled", "ran 1.0 s without being started again"),
    ("nothing-lost", "whatever else the restart stopped is back"),
)

# service, host, entry, planned start and end, real start and end, forecast and measured outage
ROWS: tuple[tuple[str, str, str, float, float, float, float, float, float | None], ...] = (
    ("ceilometer-polling", "compute-0", "ceilometer-polling", 0.0, 1.5, 0.1, 1.7, 0.5, None),
    ("ceilometer-polling", "controller-1", "ceilometer-polling", 0.0, 1.5, 0.1, 1.6, 0.5, None),
    ("ceph-mon", "storage-0", "ceph", 0.0, 1.9, 0.1, 2.2, 0.9, 1.04),
    ("nova-compute", "compute-0", "nova", 0.0, 1.8, 0.1, 1.9, 0.8, 0.74),
    ("neutron-dhcp-agent", "compute-0", "neutron-dhcp-agent", 1.5, 3.1, 1.7, 3.4, 0.6, 0.58),
    ("ceph-mon", "controller-1", "ceph", 1.9, 3.8, 2.2, 4.2, 0.9, 0.93),
    ("ceph-osd", "storage-0", "ceph", 1.9, 3.9, 2.2, 4.4, 1.0, 1.12),
    ("ceilometer-polling", "compute-1", "ceilometer-polling", 3.1, 4.6, 3.4, 5.0, 0.5, None),
    ("nova-compute", "compute-1", "nova", 3.1, 4.9, 3.4, 5.3, 0.8, 0.79),
    ("neutron-dhcp-agent", "compute-1", "neutron-dhcp-agent", 4.6, 6.2, 5.0, 6.7, 0.6, 0.61),
    ("ceilometer-polling", "controller-0", "ceilometer-polling", 3.8, 5.3, 4.2, 5.8, 0.5, None),
    ("ceph-mon", "controller-0", "ceph", 3.9, 5.8, 4.4, 6.3, 0.9, 0.88),
    ("ceilometer-expirer", "controller-0", "ceilometer-expirer", 5.3, 5.3, 5.8, 5.81, 0.0, None),
    ("cinder-volume", "controller-0", "cinder", 5.8, 9.3, 6.3, 10.6, 2.5, 3.21),
    ("nova-conductor", "controller-0", "nova", 5.8, 7.4, 6.3, 8.0, 0.6, 0.55),
    ("nova-scheduler", "controller-0", "nova", 7.4, 9.0, 8.0, 9.6, 0.6, 0.57),
    ("nova-api", "controller-0", "nova", 9.0, 10.7, 9.6, 11.3, 0.7, 0.66),
    ("cinder-scheduler", "controller-0", "cinder", 9.3, 10.9, 10.6, 12.2, 0.6, 0.6),
    ("nova-consoleauth", "controller-0", "nova", 10.7, 12.3, 11.3, 12.9, 0.6, 0.54),
    ("cinder-api", "controller-0", "cinder", 10.9, 13.0, 12.2, 14.4, 1.1, 1.35),
    ("nova-novncproxy", "controller-0", "nova", 12.3, 13.9, 12.9, 14.5, 0.6, 0.58),
    ("horizon", "controller-0", "horizon", 13.9, 16.1, 14.5, 16.8, 1.2, 1.16),
    ("haproxy", "controller-1", "haproxy", 16.1, 17.4, 16.8, 18.1, 0.3, None),
    ("haproxy", "controller-0", "haproxy", 17.4, 18.7, 18.1, 19.5, 0.3, 0.34),
)

FORECAST = (
    Impairment(
        entry="ceilometer-polling",
        title="ceilometer-polling",
        services=("ceilometer-polling",),
        hosts=("compute-0", "compute-1", "controller-0", "controller-1"),
        from_s=0.0,
        until_s=5.3,
        outage_s=0.5,
        outstanding_requests="none",
        new_requests="none",
        may_lose=("samples that were polled and not yet published: 10 ms to 1 s",),
    ),
    Impairment(
        entry="ceph",
        title="ceph-osd & ceph-mon",
        services=("ceph-mon", "ceph-osd"),
        hosts=("storage-0", "controller-1", "controller-0"),
        from_s=0.0,
        until_s=5.8,
        outage_s=1.0,
        outstanding_requests="delayed",
        new_requests="delayed",
        note="The quorum keeps two of three monitors at every instant.",
    ),
    Impairment(
        entry="nova",
        title="Nova",
        services=("nova-compute", "nova-conductor", "nova-scheduler", "nova-api"),
        hosts=("compute-0", "compute-1", "controller-0"),
        from_s=0.0,
        until_s=13.9,
        outage_s=0.8,
        is_interrupted=True,
        outstanding_requests="fail",
        new_requests="refused",
    ),
    Impairment(
        entry="neutron-dhcp-agent",
        title="neutron-dhcp-agent",
        services=("neutron-dhcp-agent",),
        hosts=("compute-0", "compute-1"),
        from_s=1.5,
        until_s=6.2,
        outage_s=0.6,
        new_requests="delayed",
        note="Metadata helpers of the old process are ended with it.",
    ),
    Impairment(
        entry="cinder",
        title="Cinder",
        services=("cinder-volume", "cinder-scheduler", "cinder-api"),
        hosts=("controller-0",),
        from_s=5.8,
        until_s=13.0,
        outage_s=2.5,
        is_interrupted=True,
        outstanding_requests="complete",
        new_requests="refused",
    ),
    Impairment(
        entry="horizon",
        title="Horizon",
        services=("horizon",),
        hosts=("controller-0",),
        from_s=13.9,
        until_s=16.1,
        outage_s=1.2,
        is_interrupted=True,
        outstanding_requests="fail",
        new_requests="refused",
        sessions="lost",
    ),
    Impairment(
        entry="haproxy",
        title="haproxy",
        services=("haproxy",),
        hosts=("controller-1", "controller-0"),
        from_s=16.1,
        until_s=18.7,
        outage_s=0.3,
        is_interrupted=True,
        outstanding_requests="fail",
        new_requests="refused",
    ),
)

OMITTED = (
    Omission(
        host="controller-1",
        service="cinder-api",
        entry="cinder",
        reason="stopped, this host stands by: its next start uses the new code",
    ),
    Omission(
        host="controller-1",
        service="horizon",
        entry="horizon",
        reason="stopped, this host stands by: its next start uses the new code",
    ),
)


def identity(pid: int) -> ProcessIdentity:
    """A process of the sample's boot."""
    return ProcessIdentity(boot_id=BOOT, pid=pid, start_ticks=88_000 + pid * 7)


def step(
    number: int, row: tuple[str, str, str, float, float, float, float, float, float | None]
) -> StepReport:
    """A step that went well, from one row of the table."""
    service, host, entry, planned_start, planned_end, start, end, forecast, outage = row
    is_job = service == "ceilometer-expirer"
    down_from = start + 0.05
    seen = (
        (SeenOutage(from_s=down_from, until_s=down_from + outage, resolution_s=0.005),)
        if outage
        else ()
    )
    evidence = StepEvidence(
        before=(identity(4000 + number),),
        after=(identity(5200 + number),),
        checks=tuple(Check(name=name, passed=True, detail=text) for name, text in LADDER),
        times={
            "asked": BEGAN + start,
            "stopped": BEGAN + start + 0.08,
            "started": BEGAN + start + 0.1,
            "ready": BEGAN + start + forecast,
            "ended": BEGAN + end,
        },
        said=f"{service} is enabled-active",
        reaped=(6100 + number,) if service == "neutron-dhcp-agent" else (),
    )
    return StepReport(
        id=f"{service}@{host}",
        host=host,
        entry=entry,
        service=service,
        action=Action.NEXT_RUN if is_job else Action.RESTART,
        reason=f"/usr/lib/{service}/lib{service}.so was replaced while it is mapped",
        outcome=Outcome.NEXT_RUN if is_job else Outcome.RESTARTED,
        why="its next start uses the new code" if is_job else "every check passed",
        attempts=1,
        evidence=StepEvidence() if is_job else evidence,
        start_s=start,
        end_s=end,
        forecast_s=forecast,
        outage_s=outage,
        outages=seen,
        planned_start_s=planned_start,
        planned_end_s=planned_end,
        after=(f"ceph-mon@{host}",) if service == "cinder-volume" else (),
    )


def succeeded() -> Report:
    """A run in which everything went as it should."""
    return Report(
        run="20261122-120302-a1",
        outcome="succeeded",
        why="every step reached its goal",
        started_at=BEGAN,
        ended_at=BEGAN + 19.6,
        steps=tuple(step(number, row) for number, row in enumerate(ROWS)),
        omitted=OMITTED,
        forecast=FORECAST,
        stale_before=23,
        observed_at=BEGAN + 19.9,
        requests=Requests(
            total=2317,
            failed=31,
            delayed=9,
            by_service=(
                ServiceRequests(service="ceph-rest-api", total=391, delayed=4, longest_s=1.42),
                ServiceRequests(
                    service="cinder-api", total=402, failed=9, delayed=5, longest_s=2.1
                ),
                ServiceRequests(service="glance-api", total=411, longest_s=0.9),
                ServiceRequests(service="horizon", total=377, failed=12, longest_s=0.31),
                ServiceRequests(service="nova-api", total=388, failed=7, longest_s=0.22),
                ServiceRequests(service="keystone", total=348, failed=3, longest_s=0.12),
            ),
        ),
        phases=(
            Phase(name="start the cloud", took_s=14.21),
            Phase(name="build and install the patch", took_s=6.72),
            Phase(name="find what is stale", took_s=0.41),
            Phase(name="plan", took_s=0.03),
            Phase(name="restart", took_s=19.6),
            Phase(name="verify", took_s=0.38),
        ),
        notes=("The services are stand-ins that behave like the originals.",),
    )


def failed() -> Report:
    """A run that stopped at a failure: cinder-volume did not come back."""
    good = succeeded()
    steps = list(good.steps)
    at = next(i for i, one in enumerate(steps) if one.service == "cinder-volume")
    ladder = (
        Check(name="manager-done", passed=False, detail="sm gave up after 3 starts"),
        Check(name="new-identity", passed=False, detail="no process runs"),
    )
    steps[at] = replace(
        steps[at],
        outcome=Outcome.FAILED,
        why="sm gave up after 3 starts: the process ends with status 1 at once",
        attempts=3,
        end_s=17.4,
        outage_s=11.05,
        outages=(SeenOutage(from_s=6.35, until_s=None, resolution_s=0.005),),
        evidence=replace(
            steps[at].evidence, after=(), checks=ladder, said='cinder-volume: <failed> & "gone"'
        ),
    )
    for index in range(at + 1, len(steps)):
        if (steps[index].start_s or 0.0) < 6.4:
            continue
        steps[index] = replace(
            steps[index],
            outcome=None if steps[index].service == "haproxy" else Outcome.SKIPPED,
            why="" if steps[index].service == "haproxy" else "the run stopped at a failure",
            attempts=0,
            start_s=None,
            end_s=None,
            outage_s=None,
            outages=(),
            evidence=StepEvidence(),
        )
    conductor = next(i for i, one in enumerate(steps) if one.service == "nova-conductor")
    steps[conductor] = replace(
        steps[conductor],
        outcome=Outcome.UNKNOWN,
        why="the agent of controller-0 did not answer within 30 s",
        evidence=StepEvidence(before=steps[conductor].evidence.before),
        end_s=None,
        outage_s=None,
        outages=(),
    )
    return replace(
        good,
        run="20261122-121144-f7",
        outcome="failed",
        why="cinder-volume@controller-0 failed and the policy is to stop",
        ended_at=BEGAN + 17.5,
        steps=tuple(steps),
        is_undoable=True,
        stale_after=(
            StaleInstance(
                host="controller-0",
                service="nova-api",
                evidence=("mapping-replaced in pid 4016: /usr/lib/nova-api/libnova-api.so",),
            ),
            StaleInstance(host="controller-0", service="horizon"),
        ),
        unobserved=("controller-1",),
        requests=None,
        phases=(),
        notes=(),
    )


def host_act(
    action: Action, host: str, start: float, end: float, to_host: str | None = None
) -> StepReport:
    """A swact, lock or unlock that went well."""
    return StepReport(
        id=f"{action}@{host}",
        host=host,
        action=action,
        reason="sm is not patchable in service: its host leaves service first",
        outcome=Outcome.DONE,
        why="the host took its new role" if action is Action.SWACT else "the host did as asked",
        attempts=1,
        start_s=start,
        end_s=end,
        planned_start_s=start,
        planned_end_s=end + 0.2,
        forecast_s=2.0 if action is Action.SWACT else 0.0,
        outage_s=1.7 if action is Action.SWACT else None,
        outages=(SeenOutage(from_s=start + 0.2, until_s=start + 1.9, resolution_s=0.005),)
        if action is Action.SWACT
        else (),
        to_host=to_host,
    )


def locked() -> Report:
    """A run over swact and lock, for a service that is not patchable while its host serves."""
    sm = ("sm", "controller-1", "sm", 1.0, 4.0, 1.0, 3.8, 2.0, None)
    other = ("sm", "controller-0", "sm", 8.0, 11.0, 8.1, 11.0, 2.0, None)
    return Report(
        run="20261122-123000-sm",
        outcome="succeeded",
        why="every step reached its goal",
        started_at=BEGAN,
        ended_at=BEGAN + 12.4,
        steps=(
            host_act(Action.LOCK, "controller-1", 0.0, 1.0),
            step(1, sm),
            host_act(Action.UNLOCK, "controller-1", 3.8, 4.9),
            host_act(Action.SWACT, "controller-0", 4.9, 7.0, to_host="controller-1"),
            host_act(Action.LOCK, "controller-0", 7.0, 8.1),
            step(2, other),
            host_act(Action.UNLOCK, "controller-0", 11.0, 12.4),
        ),
        forecast=(
            Impairment(
                entry="sm",
                title="sm",
                services=("sm",),
                hosts=("controller-1", "controller-0"),
                until_s=11.0,
                outage_s=2.0,
                is_interrupted=True,
                outstanding_requests="fail",
                new_requests="refused",
            ),
        ),
        stale_before=2,
        observed_at=BEGAN + 13.0,
        rollback_of="20261122-121144-f7",
    )


def empty() -> Report:
    """A run that has only begun: nothing planned, nothing seen."""
    return Report(run="r0", outcome="incomplete")


def write_all(folder: Path) -> None:
    """Write every rendering of every sample to a folder, to look at them."""
    from insvc.adapters.report_files import render

    for name, report in (("ok", succeeded()), ("failed", failed()), ("locked", locked())):
        for form in ("text", "markdown", "html", "json"):
            (folder / f"{name}.{form}").write_text(render(report, form), encoding="utf-8")


if __name__ == "__main__":
    write_all(Path(sys.argv[1]))
