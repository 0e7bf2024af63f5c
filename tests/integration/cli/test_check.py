"""`insvc check`: plans from files, and runs from a journal behind real sockets."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from insvc.adapters.formats import dump_text, load
from insvc.cli.main import main
from insvc.model.observation import HostObservation
from insvc.model.topology import Host, Topology
from insvc.model.words import Personality, Role
from insvc.plan.plan import Plan
from insvc.plan.policy import Policy
from tests.fakes.agent_socket import served_in_background
from tests.fakes.agents import FakeAgents
from tests.integration.cli.test_plan import instance
from tests.unit.check.riddles import SERVICES, pigeons

pytestmark = pytest.mark.integration

EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "plan"
FILES = (
    "--topology",
    EXAMPLES / "topology.yaml",
    "--observation",
    EXAMPLES / "observation.json",
)


def insvc(*arguments: object) -> int:
    """Run a command; its exit code."""
    with pytest.raises(SystemExit) as ended:
        main([*map(str, arguments)])
    assert isinstance(ended.value.code, int)
    return ended.value.code


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "plan.json"
    assert insvc("plan", *FILES, "--policy", EXAMPLES / "policy.yaml", "-o", path) == 0
    return path


def loosen(path: Path, name: str) -> Path:
    """The plan in which one step waits for nothing."""
    made = load(Plan, path.read_text("utf-8"), str(path))
    steps = tuple(replace(one, after=()) if one.id == name else one for one in made.steps)
    loose = path.with_name("loose.json")
    loose.write_text(dump_text(replace(made, steps=steps)), "utf-8")
    return loose


def test_a_sound_plan_is_told_so(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert insvc("check", plan, *FILES) == 0
    assert "every law holds at every instant" in capsys.readouterr().out


def test_a_broken_law_comes_with_a_counter_example(
    plan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert insvc("check", loosen(plan, "haproxy@controller-0"), *FILES) == 4
    said = capsys.readouterr().out
    assert "violations." in said
    assert "law.7  haproxy@controller-0: may start before" in said


def test_findings_are_printed_as_json(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert insvc("check", loosen(plan, "haproxy@controller-0"), *FILES, "--json") == 4
    told = json.loads(capsys.readouterr().out)
    assert told["sound"] is False
    assert {"code", "law", "subject", "at", "reason"} <= told["violations"][0].keys()


def test_another_policy_is_another_measure(plan: Path, tmp_path: Path) -> None:
    strict = tmp_path / "policy.json"
    strict.write_text(dump_text(Policy(parallel_services=1)), "utf-8")
    assert insvc("check", plan, *FILES, "--policy", strict) == 4


def test_a_narrowed_plan_is_checked_with_its_names(tmp_path: Path) -> None:
    path = tmp_path / "narrow.json"
    assert insvc("plan", *FILES, "haproxy", "-o", path) == 0
    assert insvc("check", path, *FILES, "--only", "haproxy") == 0
    assert insvc("check", path, *FILES) == 4


def test_either_a_plan_or_a_run_is_judged(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert insvc("check") == 2
    assert insvc("check", plan, "--run", "latest") == 2
    assert "one of them is expected" in capsys.readouterr().err


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Path]:
    """A cloud directory with one agent whose sm runs replaced code."""
    agents = FakeAgents(
        [HostObservation(host="c0", role=Role.ACTIVE, instances=(instance("vim", is_stale=True),))]
    )
    hosts = (Host(name="c0", personality=Personality.CONTROLLER),)
    (tmp_path / "controller").mkdir()
    (tmp_path / "topology.json").write_text(dump_text(Topology(hosts=hosts)), "utf-8")
    with served_in_background(tmp_path, agents):
        yield tmp_path


def test_a_plan_is_judged_by_the_running_cloud(cloud: Path, tmp_path: Path) -> None:
    path = tmp_path / "live.json"
    assert insvc("plan", "--cloud", cloud, "-o", path) == 0
    assert insvc("check", path, "--cloud", cloud) == 0


def test_a_run_is_judged_by_its_records(
    cloud: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = tmp_path / "seen.json"
    capsys.readouterr()
    insvc("scan", "--cloud", cloud, "--json")
    seen.write_text(capsys.readouterr().out, "utf-8")
    insvc("restart", "--cloud", cloud, "--yes")
    capsys.readouterr()
    assert insvc("check", "--run", "latest", "--cloud", cloud) == 0
    assert "every law holds" in capsys.readouterr().out
    assert insvc("check", "--run", "latest", "--cloud", cloud, "--observation", seen) == 0
    assert insvc("check", "--run", "nobody", "--cloud", cloud) == 2


def test_what_is_not_decided_exits_with_4_and_is_not_called_a_violation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    puzzle, room = pigeons(5, services=SERVICES)
    policy = Policy(max_unavailable=100, parallel_hosts={"worker": room}, parallel_services=100)
    documents = {
        "plan": replace(puzzle.plan, policy=policy),
        "topology": puzzle.cloud.topology,
        "observation": puzzle.cloud.observation,
        "catalog": puzzle.cloud.catalog,
    }
    files = {name: tmp_path / f"{name}.json" for name in documents}
    for name, document in documents.items():
        files[name].write_text(dump_text(document), "utf-8")
    options = [part for name in list(files)[1:] for part in (f"--{name}", files[name])]
    assert insvc("check", files["plan"], *options) == 4
    out = capsys.readouterr().out
    assert "  check.undecided  worker: it was not decided" in out
    assert ", 1 undecided." in out.splitlines()[0]
