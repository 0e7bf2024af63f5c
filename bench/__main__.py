"""`make bench`: every figure that the project quotes, measured now."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from bench import improve, journal, page_restart, plan_scale, supervision, thousand

INSVC = str(Path(sys.executable).parent / "insvc")


def help_time() -> Iterator[str]:
    """Wall time of `insvc --help` beside an interpreter that does nothing."""

    def median_s(arguments: list[str]) -> float:
        times = []
        for _ in range(15):
            began = time.perf_counter()
            subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
            times.append(time.perf_counter() - began)
        return statistics.median(times)

    ours, bare = median_s([INSVC, "--help"]), median_s([sys.executable, "-c", "pass"])
    yield f"insvc --help                median {ours * 1000:.0f} ms   (goal: at most 150 ms)"
    yield f"  insvc --help / python -c pass = {ours / bare:.1f}"


def demo_time() -> Iterator[str]:
    """The demo's wall time by phase, cloud start to ready among them."""
    with tempfile.TemporaryDirectory(prefix="insvc-bench-") as place:
        began = time.perf_counter()
        arguments = [INSVC, "demo", "--json", "--cloud", f"{place}/cloud", "--output", place]
        done = subprocess.run(
            arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False
        )
        took = time.perf_counter() - began
        yield f"insvc demo                  {took:.1f} s, exit {done.returncode} (goal: 120 s)"
        for phase in json.loads(done.stdout)["phases"]:
            yield f"  {phase['name']:<40} {phase['took_s']:7.2f} s"


PARTS: Mapping[str, Callable[[], Iterator[str]]] = {
    "help": help_time,
    "journal": journal.report,
    "plan": plan_scale.report,
    "improve": improve.report,
    "supervision": supervision.report,
    "thousand": thousand.report,
    "page-restart": page_restart.report,
    "demo": demo_time,
}


def main() -> None:
    """Print every figure as it is measured; of the parts named, or of all."""
    print(f"{os.cpu_count()} processors, Python {sys.version.split()[0]}")
    for name in sys.argv[1:] or PARTS:
        for line in PARTS[name]():
            print(line, flush=True)


if __name__ == "__main__":
    main()
