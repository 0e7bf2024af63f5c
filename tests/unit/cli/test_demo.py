from pathlib import Path

import pytest

from insvc.cli.main import main


def test_a_missing_page_is_refused_before_anything_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["demo", "--cloud", str(tmp_path / "cloud"), "--page", str(tmp_path / "none.html")])
    assert ended.value.code == 2
    assert "none.html" in capsys.readouterr().err
    assert not (tmp_path / "cloud").exists()


def test_something_that_is_no_page_is_refused_before_anything_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    page.write_text("<!DOCTYPE html><p>not the page</p>")
    with pytest.raises(SystemExit) as ended:
        main(["demo", "--cloud", str(tmp_path / "cloud"), "--page", str(page)])
    assert ended.value.code == 2
    assert "page.html" in capsys.readouterr().err
    assert not (tmp_path / "cloud").exists()


def test_reports_need_a_folder_that_exists(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["demo", "--cloud", str(tmp_path / "cloud"), "--output", str(tmp_path / "none")])
    assert ended.value.code == 2
    assert "none" in capsys.readouterr().err
