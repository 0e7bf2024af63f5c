"""`insvc compat`."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from insvc.adapters.formats import dump_text
from insvc.cli.compat import command
from insvc.cli.main import main
from insvc.cloud.layout import topology
from insvc.compat.commands import COMMANDS


@pytest.fixture
def cloud(tmp_path: Path) -> Path:
    """A cloud that does not run."""
    directory = tmp_path / "cloud"
    (directory / "controller").mkdir(parents=True)
    (directory / "topology.json").write_text(dump_text(topology("127.9.9")))
    return directory


def test_every_command_is_put_in_place_for_one_host(cloud: Path, tmp_path: Path) -> None:
    options = ["--bindir", str(tmp_path / "bin"), "--host", "compute-1", "--cloud", str(cloud)]
    done = CliRunner().invoke(command, ["install", *options])
    assert done.exit_code == 0, done.output
    assert {path.name for path in (tmp_path / "bin").iterdir()} == {*COMMANDS, "patch-functions"}
    assert "they act on compute-1" in done.output
    assert "nodetype=compute" in (tmp_path / "bin" / "patch-functions").read_text()


def test_the_page_s_files_are_put_at_their_own_paths(cloud: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    done = CliRunner().invoke(command, ["install", "--root", str(root), "--cloud", str(cloud)])
    assert done.exit_code == 0, done.output
    assert (root / "etc/init.d/sm").is_file()
    assert (root / "usr/lib/ocf/resource.d/openstack/keystone").is_file()
    assert f'PATH="{root}/usr/local/sbin:{root}/usr/bin:{root}/bin:$PATH"' in done.output


def test_a_folder_has_to_be_named(cloud: Path) -> None:
    done = CliRunner().invoke(command, ["install", "--cloud", str(cloud)])
    assert (done.exit_code, "--bindir, --root, or both" in done.output) == (2, True)


def test_a_host_that_the_cloud_does_not_have_is_refused(
    cloud: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--bindir", str(tmp_path / "bin"), "--host", "compute-9", "--cloud", str(cloud)]
    with pytest.raises(SystemExit) as ended:
        main(["compat", "install", *options])
    assert ended.value.code == 2
    assert "compute-0, compute-1" in capsys.readouterr().err
    assert not (tmp_path / "bin").exists()


def test_commands_and_exit_codes_are_listed() -> None:
    listed = CliRunner().invoke(command, ["list"])
    assert all(name in listed.output for name in COMMANDS)
    assert "it did not end within its time" in listed.output
