import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from insvc.adapters.report_files import FORMATS, render, write_reports, write_text
from insvc.errors import InputError, UnknownName, WorldError
from insvc.report.report import Report
from tests.unit.report.sample import succeeded


def test_every_format_renders_the_same_run() -> None:
    for form in FORMATS:
        assert "20261122-120302-a1" in render(succeeded(), form)


def test_the_json_is_the_report_itself() -> None:
    text = render(succeeded(), "json")
    assert TypeAdapter(Report).validate_json(text) == succeeded()


def test_an_unknown_format_is_named_with_the_known_ones() -> None:
    with pytest.raises(UnknownName) as caught:
        render(succeeded(), "pdf")
    assert caught.value.subject == "pdf"
    assert caught.value.next_act == "use one of: text, json, markdown, html"


def test_both_files_are_written_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "reports"
    html, document = write_reports(succeeded(), folder, "run-1")
    assert sorted(path.name for path in folder.iterdir()) == ["run-1.html", "run-1.json"]
    assert html.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert json.loads(document.read_text(encoding="utf-8"))["outcome"] == "succeeded"


def test_a_written_file_can_be_read_by_others(tmp_path: Path) -> None:
    html, _ = write_reports(succeeded(), tmp_path)
    assert stat.S_IMODE(html.stat().st_mode) == 0o644


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    path.write_text("a much longer text than the new one", encoding="utf-8")
    write_text(path, "new\n")
    assert path.read_text(encoding="utf-8") == "new\n"
    assert os.listdir(tmp_path) == ["report.txt"]  # noqa: PTH208 - hidden files count too


def test_a_folder_is_not_overwritten(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a device or a folder"):
        write_text(tmp_path, "x")


def test_a_device_is_not_replaced() -> None:
    with pytest.raises(InputError, match="/dev/null"):
        write_text(Path("/dev/null"), "x")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(WorldError) as caught:
        write_reports(succeeded(), tmp_path / "file" / "below")
    assert "cannot be written" in caught.value.reason
    assert caught.value.exit_code == 6


def test_nothing_is_left_behind_where_the_file_cannot_be_made(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 250)
    path.write_text("old", encoding="utf-8")
    with pytest.raises(WorldError, match="cannot be written"):
        write_text(path, "new")
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_half_a_character_that_a_program_printed_is_escaped(tmp_path: Path) -> None:
    report = replace(succeeded(), why="it said \ud83d")
    html, document = write_reports(report, tmp_path)
    assert "it said \\ud83d" in html.read_text(encoding="utf-8")
    assert json.loads(document.read_text(encoding="utf-8"))["why"] == "it said \ud83d"
    assert "it said \\ud83d" in render(report, "text")
