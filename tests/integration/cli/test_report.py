"""`insvc report` on a real journal in a cloud whose agents are gone, and on report files."""

import json
from pathlib import Path
from typing import Any

import pytest

from insvc.adapters.formats import dump, dump_text
from insvc.adapters.journal_sqlite import SqliteJournal
from insvc.adapters.lease_file import FileLease
from insvc.cli.main import main
from insvc.execute.run import Record, RecordKind
from insvc.model.topology import Host, Topology
from insvc.model.words import Personality
from insvc.plan.plan import Plan, Step
from tests.unit.report.sample import succeeded

pytestmark = pytest.mark.integration

PLAN = Plan(steps=(Step(id="vim@controller-0", host="controller-0", entry="vim", service="vim"),))
CREATED: dict[str, Any] = {
    "plan": dump(PLAN),
    "patch": {},
    "rollback_of": None,
    "stale_before": 1,
    "warnings": [],
}
ENDED = {"outcome": "restarted", "why": "every check passed", "outage_s": 0.25, "outages": []}


@pytest.fixture
def cloud(tmp_path: Path) -> Path:
    """A cloud directory with one host whose agent is gone, and no run yet."""
    hosts = (Host(name="controller-0", personality=Personality.CONTROLLER),)
    (tmp_path / "hosts" / "controller-0" / "run").mkdir(parents=True)
    (tmp_path / "topology.json").write_text(dump_text(Topology(hosts=hosts)), encoding="utf-8")
    return tmp_path


def run_once(cloud: Path, run: str, at: float) -> None:
    """Write the records of a run that ended well."""
    journal = SqliteJournal(cloud / "controller" / "journal.db")
    lease = FileLease(cloud / "controller" / "lease.lock")
    epoch = lease.acquire()
    lines: list[tuple[RecordKind, float, str, dict[str, Any]]] = [
        (RecordKind.CREATED, 0.0, "", CREATED),
        (RecordKind.CONTROLLER_STARTED, 0.0, "", {"pid": 1, "epoch": epoch}),
        (RecordKind.STEP_STARTED, 0.5, "vim@controller-0", {"because": "planned"}),
        (RecordKind.STEP_ENDED, 2.0, "vim@controller-0", ENDED),
        (
            RecordKind.ENDED,
            2.5,
            "",
            {"outcome": "succeeded", "why": "all is well", "rollback": False},
        ),
    ]
    for kind, passed, step, body in lines:
        record = Record(kind=kind, at=at + passed, step=step, attempt=1 if step else 0, body=body)
        journal.append(run, epoch, record)
    lease.release()


def insvc(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, output and errors of the command."""
    with pytest.raises(SystemExit) as ended:
        main(["report", *arguments])
    said = capsys.readouterr()
    code = ended.value.code
    return code if isinstance(code, int) else 1, said.out, said.err


def test_a_run_is_reported_from_the_journal(
    cloud: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_once(cloud, "r1", 1_000.0)
    code, out, _ = insvc(capsys, "r1", "--cloud", str(cloud))
    assert code == 0
    assert out.startswith("SUCCEEDED  run r1: all is well.")
    assert "1 of 1 step reached the goal" in out


def test_a_host_whose_agent_is_gone_proves_nothing(
    cloud: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_once(cloud, "r1", 1_000.0)
    code, out, _ = insvc(capsys, "r1", "--cloud", str(cloud), "--format", "json")
    report = json.loads(out)
    assert code == 0
    assert report["unobserved"] == ["controller-0"]
    assert report["observed_at"] is None
    assert report["steps"][0]["outage_s"] == 0.25


def test_latest_is_the_run_that_began_last(cloud: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_once(cloud, "r1", 1_000.0)
    run_once(cloud, "r2", 2_000.0)
    _, out, _ = insvc(capsys, "latest", "--cloud", str(cloud))
    assert "run r2" in out


def test_latest_needs_a_run(cloud: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = insvc(capsys, "latest", "--cloud", str(cloud))
    assert code == 2
    assert "error[input.unknown-name] latest: no run was ever started" in err


def test_an_unknown_run_is_named(cloud: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_once(cloud, "r1", 1_000.0)
    code, _, err = insvc(capsys, "r9", "--cloud", str(cloud))
    assert code == 2
    assert "r9" in err


def test_a_directory_without_a_cloud_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = insvc(capsys, "latest", "--cloud", str(tmp_path / "nothing"))
    assert code == 2
    assert "nothing" in err


@pytest.mark.parametrize(
    ("form", "begin"),
    [("text", "SUCCEEDED"), ("markdown", "# Run"), ("html", "<!DOCTYPE html>"), ("json", "{")],
)
def test_a_report_file_is_rendered_in_every_format(
    form: str, begin: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "report.json"
    path.write_text(dump_text(succeeded()), encoding="utf-8")
    code, out, _ = insvc(capsys, str(path), "--format", form)
    assert code == 0
    assert out.startswith(begin)


def test_a_report_file_comes_back_unchanged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "report.json"
    path.write_text(dump_text(succeeded()), encoding="utf-8")
    assert insvc(capsys, str(path), "--format", "json")[1] == path.read_text(encoding="utf-8")


def test_the_output_can_be_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, target = tmp_path / "report.json", tmp_path / "out" / "page.html"
    path.write_text(dump_text(succeeded()), encoding="utf-8")
    code, out, _ = insvc(capsys, str(path), "--format", "html", "-o", str(target))
    assert (code, out) == (0, "")
    assert target.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    "text", ["", "{", '{"run": "r"}', '{"run": "r", "outcome": "fine"}', "[]", '"text"']
)
def test_a_file_that_is_no_report_is_refused_whole(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "report.json"
    path.write_text(text, encoding="utf-8")
    code, out, err = insvc(capsys, str(path))
    assert (code, out) == (2, "")
    assert "report.json" in err
    assert "Traceback" not in err


def test_a_truncated_report_is_refused_and_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "report.json"
    half = dump_text(succeeded())[:2000]
    path.write_text(half, encoding="utf-8")
    assert insvc(capsys, str(path))[0] == 2
    assert path.read_text(encoding="utf-8") == half


def test_a_missing_report_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = insvc(capsys, str(tmp_path / "gone.json"))
    assert code == 2
    assert "gone.json" in err


def test_a_report_of_another_version_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "report.json"
    path.write_text(dump_text(succeeded()).replace("insvc-report/1", "insvc-report/9"))
    code, _, err = insvc(capsys, str(path))
    assert code == 2
    assert "insvc-report/9" in err
