"""`insvc.adapters.pmon_d`: every file of the folder is told of, whatever it is."""

import os
from pathlib import Path

from insvc.adapters.pmon_d import SETTINGS, read_folder, read_settings
from insvc.supervise.pmond_conf import PmondConf
from tests.fakes.pmon_confs import confs


def test_a_host_without_the_folder_has_no_files(tmp_path: Path) -> None:
    found = read_folder(tmp_path)
    assert (found.definitions, found.misconfigured, found.notes) == ({}, (), ())


def test_all_files_are_read_and_none_hides_another(tmp_path: Path) -> None:
    folder = tmp_path / "etc/pmon.d"
    folder.mkdir(parents=True)
    for name, text in confs().items():
        (folder / f"{name}.conf").write_text(text)
    (folder / "readme").write_text("no process file")
    (folder / "empty.conf").write_text("")
    (folder / "large.conf").write_text("; " * 50_000)
    (folder / "dangling.conf").symlink_to("nowhere")
    (folder / "folder.conf").mkdir()
    os.mkfifo(folder / "pipe.conf")
    found = read_folder(tmp_path, ("sm",))
    assert set(found.definitions) == set(confs()) - {"sm"}
    assert [(one.file, one.faults[0].partition(":")[0]) for one in found.misconfigured] == [
        ("dangling.conf", "cannot be read"),
        ("empty.conf", "has nothing in a section [process]"),
        ("folder.conf", "cannot be read"),
        ("large.conf", "cannot be read"),
        ("pipe.conf", "cannot be read"),
    ]


def test_settings_are_those_of_the_file_or_none(tmp_path: Path) -> None:
    path = tmp_path / SETTINGS
    assert read_settings(tmp_path) is None
    path.parent.mkdir(parents=True)
    path.write_text("start_delay = 5\n")
    assert read_settings(tmp_path) == PmondConf(start_delay_s=5.0)


def test_settings_that_cannot_be_read_are_the_defaults_and_told(tmp_path: Path) -> None:
    (tmp_path / SETTINGS).mkdir(parents=True)
    found = read_settings(tmp_path)
    assert found is not None
    assert found.start_delay_s == 30.0
    assert found.faults[0].startswith("cannot be read")
