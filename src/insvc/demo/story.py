"""What `insvc demo` does, told in its own order.

Every part is the real one: the demo only joins them and says what happens.
"""

import asyncio
import dataclasses
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console

from insvc.adapters.progress import make_progress
from insvc.adapters.report_files import write_reports
from insvc.bootstrap import connect
from insvc.cloud.lifecycle import is_running, start_cloud, stop_cloud
from insvc.cloud.load import start_load, stop_load
from insvc.cloud.patches import build_patch
from insvc.controller.executor import resume_run, start_run
from insvc.controller.history import measured_so_far
from insvc.controller.world import World
from insvc.demo.crash import run_and_kill
from insvc.demo.narrator import Narrator
from insvc.demo.options import DEFAULT_PATCH, SECOND_PATCH, DemoOptions
from insvc.errors import RunFailed, RunInterrupted, WorldError
from insvc.execute.run import RecordKind
from insvc.flow import Patch, install_patch, observe_cloud
from insvc.plan.plan import Plan
from insvc.plan.planner import make_plan
from insvc.plan.policy import Policy
from insvc.report.build import build_report
from insvc.report.report import Report, Requests
from insvc.report.text import render

_STEPS_BEFORE_KILL = 2


def tell(options: DemoOptions, console: Console) -> Report:
    """Start a cloud, patch it in service, prove it, and stop the cloud again.

    Returns:
        The report of the first patch; the reports are in the output folder as well.

    Raises:
        WorldError: a cloud runs in that directory already, or the machine refused something.
        RunFailed: the story did not end as it should have; the reports say how.
    """
    narrator = Narrator(console)
    with _running_cloud(options, narrator):
        world = connect(options.cloud, catalog=options.catalog)
        first = _Job(options, narrator, world, stem="report")
        reports = {"report": first.do(options.names or DEFAULT_PATCH)}
        if options.is_whole_story and reports["report"].outcome == "succeeded":
            second = _Job(options, narrator, world, stem="report-sm")
            reports["report-sm"] = second.do(SECOND_PATCH)
    final = {
        stem: dataclasses.replace(report, phases=tuple(narrator.phases))
        for stem, report in reports.items()
    }
    for stem, report in final.items():
        html, json = write_reports(report, options.output, stem)
        narrator.said(f"report: {html}  {json}", style="bold")
    for report in final.values():
        _judge(report, options)
    if options.keep:
        narrator.said(f"the cloud keeps running: insvc scan --cloud {options.cloud}")
    return final["report"]


@contextmanager
def _running_cloud(options: DemoOptions, narrator: Narrator) -> Iterator[None]:
    """A cloud for the length of the story; one that did not exist before is removed after it."""
    if is_running(options.cloud):
        raise WorldError(
            str(options.cloud),
            "a cloud runs there already, the demo needs one of its own",
            next_act="stop it with `insvc cloud stop`, or choose another place with --cloud",
        )
    is_new = not options.cloud.exists()
    keeps = False
    try:
        with narrator.phase("start the cloud", "A cloud of five hosts starts"):
            start_cloud(options.cloud, said=narrator.said)
        yield
        keeps = options.keep
    except RunInterrupted:
        keeps = True  # what is to be resumed must still be there
        narrator.said(f"go on with: insvc run resume latest --cloud {options.cloud}")
        narrator.said(f"stop the cloud with: insvc cloud stop --cloud {options.cloud}")
        raise
    finally:
        if not keeps and is_running(options.cloud):
            with narrator.phase("stop the cloud", "The cloud stops"):
                stop_cloud(options.cloud)
        if not keeps and is_new:
            shutil.rmtree(options.cloud, ignore_errors=True)


class _Job:
    """One patch from its packages to its report."""

    def __init__(
        self, options: DemoOptions, narrator: Narrator, world: World, *, stem: str
    ) -> None:
        self.options = options
        self.narrator = narrator
        self.world = world
        self.stem = stem

    def do(self, names: Sequence[str]) -> Report:
        """Build, install, plan, run and verify a patch of these names under client load."""
        load = start_load(self.options.cloud)
        try:
            run = self._patch_and_run(tuple(names))
        finally:
            requests = stop_load(load)
        return self._report(run, requests)

    def _patch_and_run(self, names: tuple[str, ...]) -> str:
        if self.options.fail and not self._covers(names, self.options.fail):
            names = (*names, self.options.fail)
        with self._phase("build the patch", "A patch is built"):
            self.narrator.said(", ".join(names))
            patch = build_patch(self.options.cloud, names, faulty=self.options.fail)
        with self._phase("install the patch", "The patch is installed, host by host"):
            asyncio.run(self._install(patch))
        with self._phase("scan", "What runs replaced code now"):
            before = asyncio.run(observe_cloud(self.world.topology, self.world.agents))
            self.narrator.show_stale(before)
        with self._phase("plan", "The plan and what users will notice"):
            policy = Policy(
                allow_lock=self._needs_lock(names),
                on_failure="rollback" if self.options.fail else "stop",
            )
            history = measured_so_far(self.world)
            plan = make_plan(before, self.world.catalog, self.world.topology, policy, history)
            self.narrator.show_plan(plan)
        with self._phase("run", "The plan is carried out while clients keep asking"):
            return self._run(plan, patch, len(before.stale()))

    def _covers(self, names: tuple[str, ...], service: str) -> bool:
        entry = self.world.catalog.entry_of(service)
        family = service.partition("-")[0]
        return service in names or family in names or (entry is not None and entry.name in names)

    def _needs_lock(self, names: tuple[str, ...]) -> bool:
        entries = [self.world.catalog.entry(name) for name in names]
        return any(entry is not None and not entry.in_service_patchable for entry in entries)

    async def _install(self, patch: Patch) -> None:
        epoch = self.world.lease.acquire()
        try:
            await install_patch(self.world.topology, self.world.agents, patch, epoch, self.narrator)
        finally:
            self.world.lease.release()

    def _run(self, plan: Plan, patch: Patch, stale: int) -> str:
        if self.options.kill_controller:
            run = run_and_kill(
                self.options.cloud, plan, self.world.journal, after_steps=_STEPS_BEFORE_KILL
            )
            self.narrator.said(
                f"run {run}: the controller was killed in the middle of a step; it is resumed",
                style="bold red",
            )
            with make_progress(plan, self.narrator.console) as progress:
                return asyncio.run(resume_run(self.world, run, progress=progress))
        with make_progress(plan, self.narrator.console) as progress:
            return asyncio.run(
                start_run(self.world, plan, progress=progress, patch=patch, stale_before=stale)
            )

    def _report(self, run: str, requests: Requests) -> Report:
        with self._phase("verify", "Nothing may run replaced code now"):
            after = asyncio.run(observe_cloud(self.world.topology, self.world.agents))
            records = self.world.journal.records(run)
            report = build_report(run, records, after=after, requests=requests)
            self.narrator.said(render(report))
        undoing = [
            str(one.body["run"]) for one in records if one.kind is RecordKind.ROLLBACK_STARTED
        ]
        for other in undoing:
            undone = build_report(other, self.world.journal.records(other), after=after)
            write_reports(undone, self.options.output, f"{self.stem}-rollback")
        write_reports(report, self.options.output, self.stem)
        return report

    @contextmanager
    def _phase(self, name: str, title: str) -> Iterator[None]:
        suffix = "" if self.stem == "report" else " (second patch)"
        with self.narrator.phase(name + suffix, title):
            yield


def _judge(report: Report, options: DemoOptions) -> None:
    """Whether the story ended as it should have."""
    expected = "rolled-back" if options.fail else "succeeded"
    if report.outcome == expected and report.is_proven:
        return
    raise RunFailed(
        f"run {report.run}",
        f"ended {report.outcome} with {len(report.stale_after)} stale instances, "
        f"expected {expected} with none",
        next_act=f"read report.html in {options.output}",
    )
