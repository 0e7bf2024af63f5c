"""Feed the readers of what others write with bytes that are led by coverage.

`python tools/fuzz.py [NAME…] [--seconds N]`, all of them where none is named; `make fuzz`. Each
runs in a process of its own for so many seconds. What was found interesting is kept in
`build/fuzz/NAME` and tried first the next time; what breaks a reader is printed, and becomes an
`@example` of its test in tests/property. Exit 0 where nothing broke, 1 where something did.
"""

import argparse
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

KEPT = ROOT / "build" / "fuzz"
SECONDS = 20
_LONGEST_BYTES = 4096
_SLOW_S = 10
_HUGE_MIB = 1024
_DONE = re.compile(r"Done (\d+) (?:runs|in)|#(\d+)\s+DONE", re.MULTILINE)


def main(words: Sequence[str]) -> int:
    """Fuzz what is named, one after the other."""
    from tools.fuzz_targets import TARGETS

    wanted = _wanted(words, list(TARGETS))
    broken = [name for name in wanted.names or TARGETS if not _fuzz(name, wanted.seconds)]
    if broken:
        print(f"broken: {', '.join(broken)}")
    return 1 if broken else 0


def _wanted(words: Sequence[str], names: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(names))
    parser.add_argument("--seconds", type=int, default=SECONDS, metavar="N")
    wanted = parser.parse_args(words)
    for name in wanted.names:
        if name not in names:
            parser.error(f"no reader is called {name}; there are: {', '.join(names)}")
    return wanted


def _fuzz(name: str, seconds: int) -> bool:
    """Whether that reader read everything that it was fed with in that time."""
    folder = seeded(name, KEPT)
    options = [
        f"-max_total_time={seconds}",
        f"-max_len={_LONGEST_BYTES}",
        f"-timeout={_SLOW_S}",
        f"-rss_limit_mb={_HUGE_MIB}",
        f"-artifact_prefix={folder.parent}/{name}-",
        "-verbosity=1",
    ]
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "fuzz_one.py"), name, *options, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    said = done.stdout.decode("utf-8", "replace")
    print(f"{name:12} {runs_of(said):>9} inputs  {'read' if done.returncode == 0 else 'BROKEN'}")
    if done.returncode != 0:
        print(said[-4000:])
    return done.returncode == 0


def seeded(name: str, folder: Path) -> Path:
    """The folder of what is tried first, which holds the seeds of that reader at least."""
    from tools.fuzz_targets import TARGETS

    own = folder / name
    own.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(TARGETS[name].seeds):
        (own / f"seed-{number}").write_bytes(seed)
    return own


def runs_of(said: str) -> str:
    """How many inputs were tried, by what the fuzzer said; `no` where it did not say."""
    found = _DONE.search(said)
    return "no" if found is None else found[1] or found[2]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
