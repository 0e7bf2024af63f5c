"""Fuzz one reader in this process until its time is over: `python tools/fuzz_one.py NAME OPTION…`.

The options are those of libFuzzer. For `tools/fuzz.py`.
"""

import sys
from pathlib import Path

import atheris

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

with atheris.instrument_imports(include=["insvc"]):
    from tools.fuzz_targets import TARGETS


def main(name: str, options: list[str]) -> None:
    """Fuzz; the process ends here."""
    read = TARGETS[name].read
    atheris.Setup([name, *options], lambda raw: read(bytes(raw)))
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
