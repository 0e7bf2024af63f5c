"""Runs every test under coverage, in three parts side by side: what thinks, and what waits.

Unit and property tests keep a core busy; those with real processes, and those with whole clouds,
wait most of their time. What the other parts tell is printed once they have ended.

Real processes on a busy machine may be too late for a test. A few that fail beside the others are
therefore run once more, by themselves; they are named in the end, for a test that minds the load is
to be mended, too. Tests that think have no such excuse.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

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


MOST_AGAIN = 5
"""Where more tests fail, the machine's load is not what is wrong."""
_TESTS_FAILED = 1


def command(folders: tuple[str, ...], *more: str) -> list[str]:
    """What runs the tests in these folders, and tells which took longest."""
    program = [sys.executable, "-m", "coverage", "run", "-m", "pytest", "--durations=10"]
    return [*program, "-o", f"cache_dir={_cache(folders)}", *more, *folders]


def run(first: list[str], others: list[list[str]]) -> list[int]:
    """Run all of them side by side; the exit code of each, in order."""
    with ExitStack() as stack:
        beside = [stack.enter_context(told_later(one)) for one in others]
        return [subprocess.call(first), *(one.wait() for one in beside)]


def once_more(
    code: int, failed: list[str], by_themselves: Callable[[], int]
) -> tuple[int, list[str]]:
    """The exit code of a part that waits, after a second run of a few tests that failed in it.

    Args:
        code: of the first run.
        failed: the tests that failed in it.
        by_themselves: runs them once more, and answers with that exit code.

    Returns:
        The exit code that counts, and the tests that passed in the second run alone.
    """
    if code != _TESTS_FAILED or not 0 < len(failed) <= MOST_AGAIN:
        return code, []
    again = by_themselves()
    return again, [] if again else failed


def failed_in(folders: tuple[str, ...]) -> list[str]:
    """The tests in these folders that failed when they were run last."""
    try:
        return sorted(json.loads((_cache(folders) / "v/cache/lastfailed").read_bytes()))
    except FileNotFoundError:
        return []


def _cache(folders: tuple[str, ...]) -> Path:
    return Path(".pytest_cache") / folders[0].replace("/", "-")


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


def main() -> int:
    """Run every test; the exit code of the first part that failed, else 0."""
    first, *others = run(command(THINKS), [command(one) for one in PARTS[1:]])
    codes, minding = [first], []
    for folders, code in zip(PARTS[1:], others, strict=True):
        again = command(folders, "--last-failed")
        code_now, passed = once_more(code, failed_in(folders), lambda: subprocess.call(again))  # noqa: B023 - called now
        codes.append(code_now)
        minding += passed
    for one in minding:
        sys.stdout.write(f"PASSED ONLY BY ITSELF, mend it: {one}\n")
    return next((one for one in codes if one), 0)


if __name__ == "__main__":
    sys.exit(main())
