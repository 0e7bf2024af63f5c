"""Putting the commands in place."""

import subprocess
from pathlib import Path

import pytest

from insvc.compat.install import install, install_tree
from insvc.compat.page_files import PageFile
from insvc.compat.place import Place
from insvc.errors import InputError, WorldError
from insvc.model.topology import Host
from insvc.model.words import Personality

HOST = Host(name="controller-0", personality=Personality.CONTROLLER)


def put(folder: Path, cloud: Path) -> tuple[Path, ...]:
    """Install one command there."""
    return install(folder, ["nova-restart"], Place(cloud=cloud, host="controller-0"), HOST)


def test_a_command_can_be_run_and_knows_its_host(tmp_path: Path) -> None:
    written = put(tmp_path / "bin", tmp_path / "my cloud")
    assert [path.name for path in written] == ["nova-restart", "patch-functions"]
    told = subprocess.run([written[0], "--help"], capture_output=True, text=True, check=False)
    assert (told.returncode, "Restart every nova process" in told.stdout) == (0, True)
    assert f"INSVC_CLOUD='{tmp_path}/my cloud'" in written[0].read_text()


def test_they_are_written_anew_over_their_own(tmp_path: Path) -> None:
    first = put(tmp_path / "bin", tmp_path)
    assert put(tmp_path / "bin", tmp_path) == first


@pytest.mark.parametrize("kind", ["file", "link", "folder"])
def test_what_is_of_somebody_else_is_never_overwritten(tmp_path: Path, kind: str) -> None:
    taken = tmp_path / "patch-functions"
    if kind == "file":
        taken.write_text("mine")
    elif kind == "link":
        taken.symlink_to(tmp_path / "nowhere")
    else:
        taken.mkdir()
    with pytest.raises(InputError, match="is there already"):
        put(tmp_path, tmp_path / "cloud")
    assert [path.name for path in tmp_path.iterdir()] == ["patch-functions"]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WorldError, match="cannot be written"):
        put(tmp_path / "file" / "bin", tmp_path / "cloud")


def test_files_of_the_page_are_put_at_their_own_paths(tmp_path: Path) -> None:
    script = PageFile(path="etc/init.d/vim", command="insvc-init-script", service="vim")
    place = Place(cloud=tmp_path / "cloud", host="controller-0")
    written = install_tree(tmp_path / "root", [script], place, HOST)
    assert [str(path.relative_to(tmp_path / "root")) for path in written] == [
        "etc/init.d/vim",
        "etc/patching/patch-functions",
    ]
    assert written[0].read_text().endswith('insvc.compat insvc-init-script vim "$@"\n')
    assert install_tree(tmp_path / "root", [script], place, HOST) == written
    written[0].write_text("mine")
    with pytest.raises(InputError, match="is there already"):
        install_tree(tmp_path / "root", [script], place, HOST)
