"""The patch log."""

import re
from pathlib import Path

from insvc.compat.log import write_log


def test_every_line_has_its_time_and_its_command(tmp_path: Path) -> None:
    path = tmp_path / "log" / "patching.log"
    write_log(path, "nova-restart", ["nova-api restarted"])
    write_log(path, "nova-restart", ["nova-novnc restarted"])
    first, second = path.read_text().splitlines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]{8}Z nova-restart: nova-api restarted", first)
    assert second.endswith("nova-restart: nova-novnc restarted")


def test_a_name_that_is_no_text_or_of_two_lines_stays_one_line(tmp_path: Path) -> None:
    path = tmp_path / "patching.log"
    write_log(path, "pmon-stop", ["\udcff is not known", "a\n2026 pmon-stop: sm stopped"])
    first, second = path.read_text().splitlines()
    assert first.endswith("pmon-stop: \\udcff is not known")
    assert second.endswith("pmon-stop: a\\n2026 pmon-stop: sm stopped")
