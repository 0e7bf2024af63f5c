"""Runs every test under coverage, in two halves side by side: what thinks, and what waits.

Unit and property tests keep a core busy; those with real processes wait most of their time. What
the second half tells is printed once it has ended.
"""

import subprocess
import sys
import tempfile

THINKS = ("tests/unit", "tests/property")
WAITS = ("tests/contract", "tests/integration", "tests/scenario")


def command(folders: tuple[str, ...]) -> list[str]:
    """What runs the tests in these folders."""
    own_cache = ("-o", f"cache_dir=.pytest_cache/{folders[0].rpartition('/')[2]}")
    return [sys.executable, "-m", "coverage", "run", "-m", "pytest", *own_cache, *folders]


def run(first: list[str], second: list[str]) -> int:
    """Run both; the exit code of the first that failed, else 0."""
    with tempfile.TemporaryFile() as told:
        beside = subprocess.Popen(second, stdout=told, stderr=subprocess.STDOUT)
        try:
            codes = [subprocess.call(first), beside.wait()]
        finally:
            beside.kill()
            beside.wait()
            told.seek(0)
            sys.stdout.buffer.write(told.read())
            sys.stdout.flush()
    return next((one for one in codes if one), 0)


if __name__ == "__main__":
    sys.exit(run(command(THINKS), command(WAITS)))
