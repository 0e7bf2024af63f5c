"""Runs every test under coverage, in three parts side by side: what thinks, and what waits.

Unit and property tests keep a core busy; those with real processes, and those with whole clouds,
wait most of their time. What the other parts tell is printed once they have ended.
"""

import subprocess
import sys
import tempfile
from typing import IO

THINKS = ("tests/unit", "tests/property")
WAITS_FOR_PROCESSES = (
    "tests/contract",
    "tests/integration/adapters",
    "tests/integration/agent",
    "tests/integration/standin",
)
WAITS_FOR_CLOUDS = (
    "tests/integration/cli",
    "tests/integration/cloud",
    "tests/integration/compat",
    "tests/integration/controller",
    "tests/scenario",
)
PARTS = (THINKS, WAITS_FOR_PROCESSES, WAITS_FOR_CLOUDS)


def command(folders: tuple[str, ...]) -> list[str]:
    """What runs the tests in these folders, and tells which took longest."""
    own_cache = f"cache_dir=.pytest_cache/{folders[0].replace('/', '-')}"
    program = [sys.executable, "-m", "coverage", "run", "-m", "pytest", "--durations=10"]
    return [*program, "-o", own_cache, *folders]


def run(first: list[str], others: list[list[str]]) -> int:
    """Run all of them; the exit code of the first that failed, else 0."""
    told: list[IO[bytes]] = []
    beside: list[subprocess.Popen[bytes]] = []
    try:
        for other in others:
            told.append(tempfile.TemporaryFile())
            beside.append(subprocess.Popen(other, stdout=told[-1], stderr=subprocess.STDOUT))
        codes = [subprocess.call(first), *(one.wait() for one in beside)]
    finally:
        for one in beside:
            one.kill()
            one.wait()
        for text in told:
            with text:
                text.seek(0)
                sys.stdout.buffer.write(text.read())
        sys.stdout.flush()
    return next((one for one in codes if one), 0)


if __name__ == "__main__":
    sys.exit(run(command(THINKS), [command(one) for one in PARTS[1:]]))
