"""Runs the lab's test files, two at a time, each in its own process: most of a test is waiting.

Hosts that boot beside one another can starve each other on a small machine. A file that failed is
run once more when nothing else runs, and it is said that it took two runs.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

AT_ONCE = 2
ALONE = ("test_pacemaker.py",)
"""Files that hold one time against another: nothing else runs beside them."""

FOLDER = Path(__file__).with_name("tests")


def run_tests(at_once: int = AT_ONCE) -> int:
    """Run every file and print what failed; 0 where all passed, else 1."""
    files = sorted(FOLDER.glob("test_*.py"), key=lambda path: path.stat().st_size, reverse=True)
    alone = [path for path in files if path.name in ALONE]
    began = time.monotonic()
    failed: list[Path] = []
    for number, some in ((at_once, [one for one in files if one not in alone]), (1, alone)):
        failed += _failures(some, number)
    if failed:
        print(f"once more, alone: {', '.join(path.name for path in failed)}", flush=True)
        failed = _failures(failed, 1)
    took = f"{len(files)} files in {time.monotonic() - began:.0f} s"
    names = ", ".join(path.name for path in failed)
    print(f"{took}, failed twice: {names}" if failed else f"{took}, all passed")
    return int(bool(failed))


def _failures(files: list[Path], at_once: int) -> list[Path]:
    """Run the files, print a line of each that passed and all of each that failed; those."""
    failed = []
    for path, status, text in _outcomes(files, at_once):
        lines = text.rstrip().splitlines() or ["it said nothing"]
        print(f"{path.name}: {lines[-1]}" if status == 0 else text, flush=True)
        if status:
            failed.append(path)
    return failed


def _outcomes(files: list[Path], at_once: int) -> Iterator[tuple[Path, int, str]]:
    """Each file's exit status and output, as soon as it has ended."""
    with ThreadPoolExecutor(at_once) as pool:
        asked = {pool.submit(_run, path): path for path in files}
        for done in as_completed(asked):
            yield asked[done], *done.result()


def _run(path: Path) -> tuple[int, str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(path)]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    return done.returncode, done.stdout
