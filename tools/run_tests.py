"""Runs every test under coverage, in three parts side by side: what thinks, and what waits.

Unit and property tests keep a core busy; those with real processes, and those with whole clouds,
wait most of their time. What the other parts tell is printed once they have ended.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

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
    with ExitStack() as stack:
        beside = [stack.enter_context(told_later(one)) for one in others]
        codes = [subprocess.call(first), *(one.wait() for one in beside)]
    return next((one for one in codes if one), 0)


@contextmanager
def told_later(program: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """A program under way, whose words are printed once the context ends, and it with that."""
    with tempfile.TemporaryFile() as told:
        running = subprocess.Popen(program, stdout=told, stderr=subprocess.STDOUT)
        try:
            yield running
        finally:
            running.kill()
            running.wait()
            told.seek(0)
            sys.stdout.buffer.write(told.read())
            sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(run(command(THINKS), [command(one) for one in PARTS[1:]]))
