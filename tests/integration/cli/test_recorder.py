"""`insvc recorder`."""

import json
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from insvc.adapters.formats import dump_text
from insvc.adapters.recorder import Recorder
from insvc.cli.main import main
from insvc.cli.recorder import command
from insvc.cloud.layout import host_folder, topology
from insvc.model.recorder import Sample

pytestmark = pytest.mark.integration


@pytest.fixture
def cloud(tmp_path: Path) -> Path:
    """A cloud of which nothing runs; one of its hosts left a record."""
    directory = tmp_path / "cloud"
    (directory / "controller").mkdir(parents=True)
    (directory / "topology.json").write_text(dump_text(topology("127.9.9")))
    root = host_folder(directory, "controller-1") / "root"
    with closing(Recorder(root / "var/lib/sm/eru.db")) as ring:
        ring.sample(Sample(at=1.0, boot="b"))
        ring.note({"service vim": "running"}, 2.0)
    return directory


def test_a_dead_host_s_record_is_read(cloud: Path) -> None:
    where = ["--host", "controller-1", "--cloud", str(cloud)]
    told = CliRunner().invoke(command, ["events", *where])
    assert "service vim  not known  running" in told.stdout
    told = CliRunner().invoke(command, ["samples", "--json", *where])
    assert [one["at"] for one in json.loads(told.stdout)["samples"]] == [1.0]


def test_a_file_that_was_copied_away_is_read(cloud: Path, tmp_path: Path) -> None:
    copy = tmp_path / "post-mortem.db"
    copy.write_bytes((host_folder(cloud, "controller-1") / "root/var/lib/sm/eru.db").read_bytes())
    told = CliRunner().invoke(command, ["events", "--json", "--file", str(copy)])
    assert [one["subject"] for one in json.loads(told.stdout)["events"]] == ["service vim"]


@pytest.mark.parametrize(("host", "said"), [("c9", "is no host"), ("compute-0", "is not there")])
def test_where_there_is_nothing_to_read_is_told(
    cloud: Path, host: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["recorder", "events", "--host", host, "--cloud", str(cloud)])
    assert said in capsys.readouterr().err


@pytest.mark.slow
def test_a_running_cloud_is_recorded(running_cloud: Path) -> None:
    told = CliRunner().invoke(
        command, [*["events", "--json", "--newest", "1000", "--cloud"], str(running_cloud)]
    )
    subjects = {one["subject"] for one in json.loads(told.stdout)["events"]}
    assert {"sm", "role", "service haproxy", "interface lo"} <= subjects
    told = CliRunner().invoke(command, ["samples", "--cloud", str(running_cloud)])
    assert told.stdout.startswith("time")
