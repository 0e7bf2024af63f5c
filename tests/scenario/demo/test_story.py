"""The newcomer's first command, run as a newcomer runs it, judged by its report."""

import itertools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.scenario, pytest.mark.slow]

PATCHED = {
    "haproxy": {"haproxy@controller-0"},
    "cinder": {f"cinder-{part}@controller-0" for part in ("api", "scheduler", "volume")},
    "ceph": {"ceph-mon@controller-0", "ceph-mon@controller-1", "ceph-mon@storage-0"}
    | {"ceph-osd@storage-0"},
    "nova": {
        f"nova-{part}@controller-0"
        for part in ("api", "placement-api", "conductor", "scheduler", "console-auth", "novnc")
    }
    | {"nova-compute@compute-0", "nova-compute@compute-1"},
    "horizon": {"horizon@controller-0", "horizon@controller-1"},
    "ceilometer-polling": {
        f"ceilometer-polling@{host}"
        for host in ("controller-0", "controller-1", "compute-0", "compute-1")
    },
    "neutron-dhcp-agent": {"neutron-dhcp-agent@compute-0", "neutron-dhcp-agent@compute-1"},
}
JOB = "ceilometer-expirer-active@controller-0"
LADDER = {"done", "new", "current", "ready", "dwelled", "others"}


def run_demo(place: Path, *options: str) -> tuple[int, dict[str, Any], str]:
    """Exit code, the report on standard output, the narration."""
    places = ["--cloud", str(place / "cloud"), "--output", str(place)]
    done = subprocess.run(
        [sys.executable, "-m", "insvc.cli.main", "demo", "--json", *places, *options],
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
        env={**os.environ, "COLUMNS": "120"},
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout), done.stderr


def steps_by_id(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {step["id"]: step for step in report["steps"]}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int, dict[str, Any], str]:
    place = tmp_path_factory.mktemp("demo")
    return place, *run_demo(place)


Told = tuple[Path, int, dict[str, Any], str]


def test_the_demo_succeeds_and_nothing_is_stale_after_it(told: Told) -> None:
    _, code, report, narration = told
    assert code == 0, narration
    assert report["outcome"] == "succeeded"
    assert report["stale_after"] == []
    assert report["observed_at"] is not None
    assert report["unobserved"] == []


def test_exactly_the_stale_instances_are_restarted(told: Told) -> None:
    report = told[2]
    restarted = {step["id"] for step in report["steps"] if step["outcome"] == "restarted"}
    assert restarted == set().union(*PATCHED.values())
    # A job that is in the middle of a run when the hosts are scanned is stale as well.
    is_mid_run = report["stale_before"] == len(restarted) + 1 and JOB in steps_by_id(report)
    assert report["stale_before"] == len(restarted) or is_mid_run


def test_the_cron_job_is_left_to_its_next_run(told: Told) -> None:
    steps = steps_by_id(told[2])
    # It runs every minute: a run after the installation has used the new code already, whether it
    # came before the scan (then it gets no step) or before its own step.
    job = steps.pop(JOB, {"outcome": "next-run"})
    assert job["outcome"] in {"next-run", "already-current"}
    assert set(steps) == set().union(*PATCHED.values())


def test_every_restart_has_new_processes_and_a_full_ladder(told: Told) -> None:
    for step in told[2]["steps"]:
        if step["outcome"] != "restarted":
            continue
        evidence = step["evidence"]
        assert evidence["before"], step["id"]
        assert evidence["after"], step["id"]
        before = {(one["pid"], one["start_ticks"]) for one in evidence["before"]}
        after = {(one["pid"], one["start_ticks"]) for one in evidence["after"]}
        assert not before & after, step["id"]
        assert evidence["checks"], step["id"]
        assert all(check["passed"] for check in evidence["checks"]), step["id"]
        assert step["why"], step["id"]


def test_ceph_monitors_never_restart_two_at_once(told: Told) -> None:
    spans = sorted(
        (step["start_s"], step["end_s"])
        for step in told[2]["steps"]
        if step["service"] == "ceph-mon"
    )
    assert len(spans) == 3
    assert all(earlier[1] <= later[0] for earlier, later in itertools.pairwise(spans))


def test_ceph_is_done_on_the_active_controller_before_what_needs_it(told: Told) -> None:
    steps = steps_by_id(told[2])
    ceph_end = steps["ceph-mon@controller-0"]["end_s"]
    for service in ("cinder-api", "cinder-volume", "nova-api", "nova-conductor"):
        assert steps[f"{service}@controller-0"]["start_s"] >= ceph_end, service


def test_haproxy_goes_last(told: Told) -> None:
    steps = steps_by_id(told[2])
    haproxy = steps.pop("haproxy@controller-0")
    assert haproxy["start_s"] >= max(step["end_s"] for step in steps.values())


def test_no_step_began_before_what_it_waits_for_had_ended(told: Told) -> None:
    steps = steps_by_id(told[2])
    for step in steps.values():
        for earlier in step["after"]:
            assert steps[earlier]["end_s"] <= step["start_s"], (earlier, step["id"])


def test_outages_are_measured_from_outside_beside_their_forecast(told: Told) -> None:
    served = [step for step in told[2]["steps"] if step["outcome"] == "restarted"]
    measured = [step for step in served if step["outage_s"] is not None]
    assert {step["id"] for step in served} == {step["id"] for step in measured}
    assert all(step["forecast_s"] > 0 for step in measured)
    interrupted = [step for step in measured if step["outage_s"] > 0]
    assert len(interrupted) >= len(measured) // 2
    for step in measured:
        assert all(outage["resolution_s"] < 1.0 for outage in step["outages"])


def test_orphans_of_the_dhcp_agent_are_reaped(told: Told) -> None:
    steps = steps_by_id(told[2])
    for host in ("compute-0", "compute-1"):
        assert steps[f"neutron-dhcp-agent@{host}"]["evidence"]["reaped"], host


def test_the_load_was_real_and_its_failures_are_counted(told: Told) -> None:
    requests = told[2]["requests"]
    assert requests["total"] > 300
    services = {one["service"]: one for one in requests["by_service"]}
    assert {"cinder-api", "glance-api", "nova-api", "horizon"} <= set(services)
    assert requests["failed"] == sum(one["failed"] for one in services.values())
    assert requests["delayed"] == sum(one["delayed"] for one in services.values())
    assert requests["failed"] < requests["total"] / 4


def test_both_reports_are_written_and_stand_alone(told: Told) -> None:
    place = told[0]
    for stem in ("report", "report-sm"):
        page = (place / f"{stem}.html").read_text(encoding="utf-8")
        assert "<svg" in page
        assert "http://" not in page.replace("http://www.w3.org/", "")
        assert "https://" not in page
    assert json.loads((place / "report.json").read_text(encoding="utf-8")) == told[2]


def test_the_second_patch_swaps_activity_and_restarts_sm_on_locked_hosts(told: Told) -> None:
    report = json.loads((told[0] / "report-sm.json").read_text(encoding="utf-8"))
    assert report["outcome"] == "succeeded"
    assert report["stale_after"] == []
    order = [step["id"] for step in sorted(report["steps"], key=lambda one: one["start_s"])]
    wanted = ["lock@controller-1", "sm@controller-1", "unlock@controller-1", "swact@controller-0"]
    wanted += ["lock@controller-0", "sm@controller-0", "unlock@controller-0"]
    assert [step for step in order if step in wanted] == wanted


def test_nothing_of_the_cloud_is_left_behind(told: Told) -> None:
    place = told[0]
    assert not (place / "cloud").exists()
    left = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes()
        except OSError:
            continue
        if f"INSVC_CLOUD={place}/cloud".encode() in environment.split(b"\0"):
            left.append(process.name)
    assert left == []


def test_a_service_whose_new_code_does_not_start_is_rolled_back(tmp_path: Path) -> None:
    code, report, narration = run_demo(
        tmp_path, "--patch", "cinder,ceilometer-polling", "--fail", "cinder-api"
    )
    assert code == 0, narration
    assert report["outcome"] == "rolled-back"
    assert report["stale_after"] == []
    assert steps_by_id(report)["cinder-api@controller-0"]["outcome"] == "failed"
    undone = json.loads((tmp_path / "report-rollback.json").read_text(encoding="utf-8"))
    assert undone["rollback_of"] == report["run"]
    assert undone["outcome"] == "succeeded"
    # Its manager tries again by itself, and may be quicker than the rollback's own step, or than
    # the look at the hosts from which the rollback is planned: then there is no step for it.
    undone_step = steps_by_id(undone).get("cinder-api@controller-0", {"outcome": "already-current"})
    assert undone_step["outcome"] in {"restarted", "already-current"}


def test_a_killed_controller_is_resumed_and_restarts_nothing_twice(tmp_path: Path) -> None:
    code, report, narration = run_demo(
        tmp_path, "--patch", "cinder,horizon,nova", "--kill-controller"
    )
    assert code == 0, narration
    assert report["outcome"] == "succeeded"
    assert report["stale_after"] == []
    assert {step["attempts"] for step in report["steps"]} == {1}


def test_a_page_alone_drives_the_job(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    export = [sys.executable, "-m", "insvc.cli.main", "catalog", "export"]
    subprocess.run([*export, "--format", "restart-info", "-o", str(page)], check=True, timeout=60)
    code, report, narration = run_demo(
        tmp_path, "--page", str(page), "--patch", "ceph,cinder,haproxy"
    )
    assert code == 0, narration
    steps = steps_by_id(report)
    ceph_end = steps["ceph-mon@controller-0"]["end_s"]
    assert steps["cinder-api@controller-0"]["start_s"] >= ceph_end
    last = max(report["steps"], key=lambda one: one["start_s"])
    assert last["id"] == "haproxy@controller-0"
