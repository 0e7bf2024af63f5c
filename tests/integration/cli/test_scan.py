"""`insvc scan` against agents behind real sockets."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from insvc.adapters.formats import dump_text, load
from insvc.cli.main import main
from insvc.cloud.deb import DebFile, deb
from insvc.model.observation import (
    Evidence,
    HostObservation,
    Instance,
    Observation,
    ProcessIdentity,
)
from insvc.model.topology import Host, Topology
from insvc.model.words import EvidenceKind, InstanceState, Manager, Personality, Role, Verdict
from tests.fakes.agent_socket import served_in_background
from tests.fakes.agents import FakeAgents

pytestmark = pytest.mark.integration

MAPPED = Evidence(
    kind=EvidenceKind.MAPPING_REPLACED,
    subject="/usr/lib/insvc/libcinder.so",
    found="file fe:00:7 (replaced)",
    expected="file fe:00:8",
    pid=77,
)


def instance(service: str, *, is_stale: bool) -> Instance:
    """A running service."""
    return Instance(
        service=service,
        manager=Manager.SM,
        package="cinder",
        version="1.0-2",
        verdict=Verdict.STALE if is_stale else Verdict.CURRENT,
        evidence=(MAPPED,) if is_stale else (),
        processes=(ProcessIdentity(boot_id="b", pid=77, start_ticks=1),),
    )


@pytest.fixture
def agents() -> FakeAgents:
    """Two controllers: the active one runs replaced code."""
    job = Instance(service="expirer", manager=Manager.CRON, state=InstanceState.SCHEDULED)
    active = (instance("cinder-api", is_stale=True), instance("vim", is_stale=False), job)
    return FakeAgents(
        [
            HostObservation(host="c0", role=Role.ACTIVE, instances=active),
            HostObservation(host="c1", role=Role.STANDBY),
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


def scan(*arguments: str | Path) -> int:
    """Run the command; its exit code."""
    with pytest.raises(SystemExit) as ended:
        main(["scan", *map(str, arguments)])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_what_runs_replaced_code_is_named_with_its_evidence(
    cloud: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scan("--cloud", cloud) == 0
    said = capsys.readouterr().out
    assert "STALE     cinder-api" in said
    assert str(MAPPED) in said
    assert "vim" not in said
    assert "1 instance on 1 host runs replaced code." in said
    assert "next: `insvc plan`" in said


def test_all_lists_what_is_current_and_one_host_is_enough(
    cloud: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scan("--cloud", cloud, "--all", "--host", "c0") == 0
    said = capsys.readouterr().out
    assert "vim" in said
    assert "c1" not in said


def test_the_document_is_printed_and_written_and_can_be_read_again(
    cloud: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "seen" / "observation.json"
    assert scan("--cloud", cloud, "--json", "-o", path) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["format"] == "insvc-observation/1"
    assert json.loads(path.read_text("utf-8")) == printed
    seen = load(Observation, path.read_text("utf-8"), str(path))
    assert [host for host, _ in seen.stale()] == ["c0"]


def test_the_exit_code_tells_staleness_and_ignorance_only_when_asked(
    cloud: Path, agents: FakeAgents
) -> None:
    assert scan("--cloud", cloud, "--exit-code") == 3
    assert scan("--cloud", cloud, "--exit-code", "--host", "c1") == 0
    agents.unreachable.add("c1")
    assert scan("--cloud", cloud, "--exit-code", "--host", "c1") == 6


def test_a_silent_host_is_said_loudly(
    cloud: Path, agents: FakeAgents, capsys: pytest.CaptureFixture[str]
) -> None:
    agents.unreachable.add("c1")
    assert scan("--cloud", cloud) == 0
    said = capsys.readouterr().out
    assert "c1  DOES NOT ANSWER" in said
    assert "NOTHING IS KNOWN of c1" in said


def test_where_no_host_answers_the_exit_code_is_never_success(
    cloud: Path, agents: FakeAgents, capsys: pytest.CaptureFixture[str]
) -> None:
    agents.unreachable.update({"c0", "c1"})
    assert scan("--cloud", cloud) == 6
    assert "Nothing is known: no host answers." in capsys.readouterr().out


def package_file(folder: Path, version: str) -> Path:
    """A package file of cinder."""
    fields = {
        "Package": "cinder",
        "Version": version,
        "Architecture": "all",
        "Maintainer": "Nobody <nobody@localhost>",
        "Description": "made for a test",
    }
    path = folder / f"cinder_{version}_all.deb"
    path.write_bytes(deb(fields, {"usr/bin/x": DebFile(content=b"x")}))
    return path


def test_what_a_patch_would_make_stale_is_told_before_it_is_installed(
    cloud: Path, agents: FakeAgents, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    agents.hosts["c0"] = replace(agents.hosts["c0"], packages={"cinder": "1.0-2"})
    path = package_file(tmp_path, "1.0-3")
    assert scan("--cloud", cloud, "--patch", path) == 0
    said = capsys.readouterr().out
    assert "cinder 1.0-2 → 1.0-3  would run replaced code" in said
    assert "would leave 2 instances with replaced code" in said
    assert scan("--cloud", cloud, "--patch", path, "--json") == 0
    ahead = json.loads(capsys.readouterr().out)["ahead"]
    assert [(one["host"], one["service"], one["effect"]) for one in ahead] == [
        ("c0", "cinder-api", "stale"),
        ("c0", "vim", "stale"),
    ]
    assert agents.installed == []


def test_an_unknown_host_exits_2_and_names_the_known_ones(
    cloud: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scan("--cloud", cloud, "--host", "c9") == 2
    said = capsys.readouterr().err
    assert "error[input.unknown-name] c9" in said
    assert "use one of: c0, c1" in said


def test_a_directory_without_a_cloud_exits_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scan("--cloud", tmp_path / "none") == 2
    assert "holds no cloud" in capsys.readouterr().err
