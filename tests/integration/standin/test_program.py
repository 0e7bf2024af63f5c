import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from insvc.standin.program import read_text, version_of, write_whole

pytestmark = pytest.mark.integration


def test_a_code_number_stands_for_a_version() -> None:
    assert version_of(1_000_002) == "1.0-2"
    assert version_of(12_034_567) == "12.34-567"


def test_it_reports_the_version_of_the_code_it_has_mapped(site: Any) -> None:
    running = site.start("api").ready()
    status, about = running.ask("/version")
    assert status == 200
    assert about["version"] == "2.3-4"
    assert about["stand-in"] is True
    assert about["pid"] == running.process.pid
    maps = Path(f"/proc/{running.process.pid}/maps").read_text()
    assert any("libthing.so" in line and "r-xp" in line for line in maps.splitlines())


def test_it_writes_its_pidfile_before_it_is_ready(site: Any) -> None:
    running = site.start("api", warm_s=30.0).listening()
    assert (site.root / "run/api-8000.pid").read_text() == f"{running.process.pid}\n"
    assert running.status("/healthz") == 503


def test_a_stop_signal_ends_it_while_it_warms_up(site: Any) -> None:
    running = site.start("api", warm_s=30.0).listening()
    assert running.stop() == 0


def test_a_stop_signal_ends_it_while_it_waits_for_a_condition(site: Any) -> None:
    code = (
        "from insvc.standin.program import become_ready, hold_signals\n"
        "hold_signals()\n"
        "print('holds', flush=True)\n"
        "assert not become_ready(0.0, lambda: False)\n"
    )
    running = site.start_code(code, "waits", 8000)
    running.wait(lambda: "holds" in running.log.read_text())
    assert running.stop() == 0


def test_a_stop_signal_is_never_taken_by_a_thread_in_the_background(site: Any) -> None:
    code = (
        "import time\n"
        "from insvc.standin.program import in_background, wait_for_stop\n"
        "in_background(lambda: time.sleep(60))\n"
        "print('works', flush=True)\n"
        "time.sleep(0.3)\n"
        "assert wait_for_stop(0.0)\n"
    )
    running = site.start_code(code, "works", 8000)
    running.wait(lambda: "works" in running.log.read_text())
    assert running.stop() == 0


def test_who_was_frozen_goes_on(site: Any) -> None:
    code = (
        "from insvc.standin.program import hold_signals, wait_for_stop\n"
        "hold_signals()\n"
        "print('works', flush=True)\n"
        "assert not wait_for_stop(1.5)\n"
        "print('goes on', flush=True)\n"
        "assert wait_for_stop(60.0)\n"
    )
    running = site.start_code(code, "frozen", 8000)
    running.wait(lambda: "works" in running.log.read_text())
    running.process.send_signal(signal.SIGSTOP)
    time.sleep(2.0)  # longer than it waits
    running.process.send_signal(signal.SIGCONT)
    running.wait(lambda: "goes on" in running.log.read_text())
    assert running.stop() == 0


def test_it_waits_for_its_condition_before_it_is_ready() -> None:
    code = (
        "from insvc.standin.program import become_ready, hold_signals\n"
        "looks = []\n"
        "hold_signals()\n"
        "assert become_ready(0.0, lambda: looks.append(1) or len(looks) > 2)\n"
        "assert len(looks) == 3\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == 0


def test_a_file_is_replaced_at_once_and_leaves_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "file"
    write_whole(str(path), "one")
    write_whole(str(path), "two")
    assert read_text(str(path)) == "two"
    assert list(path.parent.iterdir()) == [path]


def test_a_file_that_is_not_there_reads_as_nothing(tmp_path: Path) -> None:
    assert read_text(str(tmp_path / "none")) == ""


def test_work_in_the_background_that_fails_ends_the_process() -> None:
    code = (
        "import time\n"
        "from insvc.standin.program import in_background\n"
        "in_background(lambda: 1 / 0)\n"
        "time.sleep(60)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 1
    assert b"ZeroDivisionError" in done.stderr
