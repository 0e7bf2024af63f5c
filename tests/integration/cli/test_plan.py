"""`insvc plan`: from files, and from agents behind real sockets."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from insvc.adapters.formats import dump_text, load
from insvc.cli.main import main
from insvc.model.observation import Evidence, HostObservation, Instance, Observation
from insvc.model.topology import Host, Topology
from insvc.model.words import EvidenceKind, InstanceState, Manager, Personality, Role, Verdict
from insvc.plan.plan import Plan
from tests.fakes.agent_socket import served_in_background
from tests.fakes.agents import FakeAgents

pytestmark = pytest.mark.integration

EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "plan"
FILES = (
    "--topology",
    EXAMPLES / "topology.yaml",
    "--observation",
    EXAMPLES / "observation.json",
)
MAPPED = Evidence(
    kind=EvidenceKind.MAPPING_REPLACED, subject="/usr/lib/libx.so", found="1", expected="2"
)
PAGE = """<!DOCTYPE html><table><tr>
<th>Process/Service</th><th>Function</th><th>In service patchable</th><th>Managed by</th>
<th>Restart command</th><th>Patch Restart command</th><th>Restart dependency</th>
<th>Impact(if restarted while in operation)</th><th>Special handling required</th></tr>
<tr><td>sm</td><td>Manages services.</td><td>Y</td><td>PMON</td><td>/etc/init.d/sm restart</td>
<td></td><td>N</td><td>None.</td><td>N</td></tr></table>
"""


def plan(*arguments: object) -> int:
    """Run the command; its exit code."""
    with pytest.raises(SystemExit) as ended:
        main(["plan", *map(str, arguments)])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def instance(service: str, *, is_stale: bool) -> Instance:
    """A running service."""
    return Instance(
        service=service,
        manager=Manager.SM,
        state=InstanceState.RUNNING,
        verdict=Verdict.STALE if is_stale else Verdict.CURRENT,
        evidence=(MAPPED,) if is_stale else (),
    )


@pytest.fixture
def agents() -> FakeAgents:
    """Two controllers: the active one runs replaced code of vim, both of sm."""
    active = (instance("vim", is_stale=True), instance("sm", is_stale=True))
    idle = replace(instance("vim", is_stale=False), state=InstanceState.STOPPED)
    standby = (idle, instance("sm", is_stale=True))
    return FakeAgents(
        [
            HostObservation(host="c0", role=Role.ACTIVE, instances=active),
            HostObservation(host="c1", role=Role.STANDBY, instances=standby),
        ]
    )


@pytest.fixture
def cloud(tmp_path: Path, agents: FakeAgents) -> Iterator[Path]:
    """A cloud directory with these agents."""
    hosts = tuple(Host(name=name, personality=Personality.CONTROLLER) for name in agents.hosts)
    (tmp_path / "controller").mkdir()
    (tmp_path / "topology.json").write_text(dump_text(Topology(hosts=hosts)), "utf-8")
    with served_in_background(tmp_path, agents):
        yield tmp_path


def test_the_example_prints_what_its_folder_shows(capsys: pytest.CaptureFixture[str]) -> None:
    assert plan(*FILES, "--policy", EXAMPLES / "policy.yaml", "--no-gantt") == 0
    assert capsys.readouterr().out == (EXAMPLES / "plan.txt").read_text("utf-8")


def test_the_chart_is_drawn_unless_it_is_not_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    assert plan(*FILES) == 0
    assert "█ out of service" in capsys.readouterr().out


def test_every_reason_is_told_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    assert plan(*FILES, "--explain") == 0
    said = capsys.readouterr().out
    assert "haproxy@controller-0  (restart" in said
    assert "law 7" in said
    assert "Why nothing is done for these:" in said


def test_the_document_is_printed_and_written_and_can_be_read_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "plan.json"
    assert plan(*FILES, "--json", "-o", path) == 0
    printed = json.loads(capsys.readouterr().out)
    assert json.loads(path.read_text("utf-8")) == printed
    made = load(Plan, path.read_text("utf-8"), str(path))
    assert made.catalog == "titanium"
    wanted = {"id", "host", "entry", "service", "action", "reason", "start_s", "end_s", "after"}
    assert wanted <= printed["steps"][0].keys()
    assert {"omitted", "forecast", "makespan_s", "lower_bound_s"} <= printed.keys()


def test_equal_inputs_give_the_same_text(capsys: pytest.CaptureFixture[str]) -> None:
    plan(*FILES, "--json")
    first = capsys.readouterr().out
    plan(*FILES, "--json")
    assert capsys.readouterr().out == first


def test_a_shorter_order_is_looked_for_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    assert plan(*FILES, "--improve", "--json") == 0
    first = capsys.readouterr().out
    found = load(Plan, first, "printed")
    assert found.improvement is not None
    assert found.improvement.by.startswith("OR-Tools CP-SAT")
    assert found.makespan_s < found.improvement.before_s
    plan(*FILES, "--improve", "--json")
    assert capsys.readouterr().out == first
    assert plan(*FILES, "--improve-within", "1") == 0
    assert "brought that down from" in capsys.readouterr().out.replace("\n", " ")


def test_names_narrow_the_plan(capsys: pytest.CaptureFixture[str]) -> None:
    assert plan(*FILES, "haproxy", "nova-compute@compute-1", "--json") == 0
    steps = json.loads(capsys.readouterr().out)["steps"]
    assert [step["id"] for step in steps] == ["nova-compute@compute-1", "haproxy@controller-0"]


def test_what_is_current_needs_no_plan(capsys: pytest.CaptureFixture[str]) -> None:
    assert plan(*FILES, "sm") == 0
    assert capsys.readouterr().out == "Nothing to restart: no step is needed.\n"


def test_an_unknown_name_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert plan(*FILES, "haproxi") == 2
    assert "haproxi" in capsys.readouterr().err


def test_a_larger_budget_may_be_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert plan(*FILES, "nova-compute", "--max-unavailable", "2", "--json") == 0
    made = json.loads(capsys.readouterr().out)
    assert made["policy"]["max_unavailable"] == 2


def test_a_budget_may_be_a_percentage(capsys: pytest.CaptureFixture[str]) -> None:
    assert plan(*FILES, "nova-compute", "--max-unavailable", "60%", "--json") == 0
    assert json.loads(capsys.readouterr().out)["policy"]["max_unavailable"] == "60%"
    assert plan(*FILES, "--max-unavailable", "most") == 2
    assert "a count or a percentage" in capsys.readouterr().err


def test_windows_pauses_and_start_limits_shape_the_plan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(
        "format: insvc-policy/1\nmax_unavailable: 50%\nmax_unavailable_per_domain: 1\n"
        "starts_at: 0\nsoak_s: 20\nmax_starts: {count: 3, within_s: 60}\n"
        "windows: [{opens: '01:00', closes: '05:00'}]\nprefer_last: [controller-1]\n"
    )
    assert plan(*FILES, "--policy", policy, "--json") == 0
    steps = json.loads(capsys.readouterr().out)["steps"]
    assert min(step["start_s"] for step in steps) == 3600.0
    assert 20.0 in {step["soak_s"] for step in steps}


def test_a_senseless_budget_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert plan(*FILES, "--max-unavailable", "0") == 2
    assert "max_unavailable" in capsys.readouterr().err


@pytest.mark.parametrize("given", ["--topology", "--observation"])
def test_one_file_without_the_other_is_not_enough(
    given: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert plan(given, EXAMPLES / "topology.yaml") == 2
    said = capsys.readouterr().err
    assert ({"--topology", "--observation"} - {given}).pop() in said


def test_files_and_a_cloud_are_not_mixed(tmp_path: Path) -> None:
    assert plan(*FILES, "--cloud", tmp_path) == 2


def test_a_page_and_a_catalog_are_not_mixed(tmp_path: Path) -> None:
    assert plan(*FILES, "--page", tmp_path / "x", "--catalog", tmp_path / "y") == 2


@pytest.mark.parametrize("name", ["topology.yaml", "observation.json", "policy.yaml"])
def test_a_truncated_file_is_refused_without_a_traceback(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "plan"
    shutil.copytree(EXAMPLES, folder)
    text = (folder / name).read_text("utf-8")
    (folder / name).write_text(text[: len(text) // 2], "utf-8")
    files = ("topology.yaml", "observation.json", "policy.yaml")
    options = [f"--{file.partition('.')[0]}={folder / file}" for file in files]
    output = tmp_path / "out.json"
    code = plan(*options, "-o", output)
    said = capsys.readouterr().err
    assert code == 2, said
    assert "Traceback" not in said
    assert not output.exists()


def test_a_running_cloud_is_asked(cloud: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert plan("--cloud", cloud, "vim", "--json") == 0
    steps = json.loads(capsys.readouterr().out)["steps"]
    assert [step["id"] for step in steps] == ["vim@c0"]


def test_what_no_plan_can_do_ends_with_four_and_says_why(
    cloud: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert plan("--cloud", cloud) == 4
    said = capsys.readouterr().err
    assert "error[plan.needs-lock] sm@c0, sm@c1" in said
    assert "/usr/lib/libx.so" in said
    assert "insist: --allow-lock" in said


def test_a_lock_may_be_allowed(cloud: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert plan("--cloud", cloud, "--allow-lock") == 0
    said = capsys.readouterr().out
    assert "swact" in said
    assert "unlock" in said


def test_a_page_alone_may_say_what_is_known(
    cloud: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    page.write_text(PAGE, "utf-8")
    assert plan("--cloud", cloud, "--page", page, "--json") == 0
    made = json.loads(capsys.readouterr().out)
    assert {step["service"] for step in made["steps"]} == {"sm"}
    assert [one["service"] for one in made["omitted"]] == ["vim"]
    assert "no catalog entry knows it" in made["omitted"][0]["reason"]


def test_a_silent_host_is_planned_around(
    cloud: Path, agents: FakeAgents, capsys: pytest.CaptureFixture[str]
) -> None:
    agents.unreachable.add("c1")
    assert plan("--cloud", cloud, "vim", "--json") == 0
    made = json.loads(capsys.readouterr().out)
    assert [step["id"] for step in made["steps"]] == ["vim@c0"]
    assert "does not answer" in made["omitted"][0]["reason"]


@pytest.fixture
def many(tmp_path: Path) -> tuple[object, ...]:
    """A cloud of one active controller and many compute hosts that run the same stale code."""
    hosts = [Host(name="controller-0", personality=Personality.CONTROLLER)]
    seen = [HostObservation(host="controller-0", role=Role.ACTIVE)]
    for number in range(300):
        name = f"compute-{number}"
        hosts.append(Host(name=name, personality=Personality.WORKER))
        stale = instance("nova-compute", is_stale=True)
        seen.append(HostObservation(host=name, instances=(stale,)))
    topology, observation = tmp_path / "topology.json", tmp_path / "observation.json"
    topology.write_text(dump_text(Topology(hosts=tuple(hosts))))
    observation.write_text(dump_text(Observation(hosts=tuple(seen))))
    return "--topology", topology, "--observation", observation


def test_many_hosts_that_are_alike_stay_together_on_demand(
    many: tuple[object, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folded = tmp_path / "folded.json"
    assert plan(*many, "--max-unavailable", "10%", "--folded", "-o", folded) == 0
    assert "compute-0 + 299 alike" in capsys.readouterr().out
    (line,) = json.loads(folded.read_text())["lines"]
    assert (len(line["hosts"]), line["at_once"]) == (300, 30)
    with pytest.raises(SystemExit) as ended:
        main(["check", str(folded), *map(str, many)])
    assert ended.value.code == 0
    assert "300 steps, every law holds" in capsys.readouterr().out


def test_without_it_every_step_is_written_out(
    many: tuple[object, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert plan(*many, "--max-unavailable", "10%", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["lines"] == []
    steps = {step["id"]: step for step in told["steps"]}
    assert len(steps) == 300
    assert steps["nova-compute@compute-30"]["after"] == ["nova-compute@compute-0"]
