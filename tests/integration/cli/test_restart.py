"""`insvc restart` on the embedded cloud."""

import asyncio
import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from insvc.adapters.agent_client import UnixAgents
from insvc.cli.main import insvc, main
from insvc.cli.restart import command

pytestmark = [pytest.mark.integration, pytest.mark.slow]


def test_a_named_instance_is_restarted_although_it_is_current(running_cloud: Path) -> None:
    names = ["nova-compute@compute-0", "--yes", "--json"]
    done = CliRunner().invoke(command, [*names, "--cloud", str(running_cloud)])
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert [step["outcome"] for step in report["steps"]] == ["restarted"]
    assert report["steps"][0]["id"] == "nova-compute@compute-0"
    assert report["stale_before"] == 0


def test_nothing_is_restarted_where_nothing_is_stale(running_cloud: Path) -> None:
    done = CliRunner().invoke(command, ["--cloud", str(running_cloud)])
    assert done.exit_code == 0, done.output
    assert "Nothing to restart" in done.output


def test_nothing_is_done_without_a_yes(running_cloud: Path) -> None:
    asked = CliRunner().invoke(command, ["vim", "--cloud", str(running_cloud)], input="n\n")
    assert asked.exit_code == 0, asked.output
    assert "Carry this out?" in asked.output
    listed = CliRunner().invoke(insvc, ["run", "list", "--cloud", str(running_cloud)])
    assert "vim" not in listed.output


def test_without_the_solver_that_is_asked_for_nothing_is_planned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "ortools.sat.python", None)
    monkeypatch.delitem(sys.modules, "insvc.adapters.improve_cpsat", raising=False)
    monkeypatch.delattr("insvc.adapters.improve_cpsat", raising=False)
    with pytest.raises(SystemExit) as ended:
        main(["restart", "vim", "--improve", "--yes", "--cloud", str(tmp_path)])
    assert ended.value.code == 6
    assert "OR-Tools: is not installed" in " ".join(capsys.readouterr().err.split())


def test_what_may_not_restart_in_service_is_refused_with_the_option_to_insist(
    running_cloud: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["restart", "sm", "--yes", "--cloud", str(running_cloud)])
    assert ended.value.code == 4
    assert "--allow-lock" in capsys.readouterr().err


def test_a_policy_file_decides(running_cloud: Path, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("format: insvc-policy/1\ndwell_s: 0.2\n")
    options = ["--policy", str(policy), "--yes", "--cloud", str(running_cloud)]
    done = CliRunner().invoke(command, ["io-monitor-manager@controller-1", *options])
    assert done.exit_code == 0, done.output
    assert "SUCCEEDED" in done.output


def test_json_needs_a_yes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["restart", "--json"])
    assert ended.value.code == 2
    assert "add --yes" in capsys.readouterr().err


def test_what_was_stopped_on_purpose_is_left_alone(running_cloud: Path) -> None:
    agents = UnixAgents(running_cloud)
    asyncio.run(agents.carry_out("compute-1", "stop", "ceilometer-polling", 30.0))
    try:
        options = ["--yes", "--cloud", str(running_cloud)]
        stopped = CliRunner().invoke(command, ["ceilometer-polling@compute-1", *options])
        assert stopped.exit_code == 0, "it was stopped on purpose"
    finally:
        asyncio.run(agents.carry_out("compute-1", "start", "ceilometer-polling", 30.0))
