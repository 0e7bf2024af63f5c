"""Records expected plans anew, on purpose, and shows what changed: review the difference.

`python -m tests.scenario.corpus.record NAME…` records; with `--show` it only shows. A NAME is a
folder of the corpus (`ceph/one-by-one`) or of folders (`ceph`). Nothing else ever writes them.
"""

import difflib
import sys
from collections.abc import Sequence

from tests.scenario.corpus.recording import NAMES, expected_file, inputs_of, tell


def record(names: Sequence[str], *, writes: bool) -> list[str]:
    """Write the plans as they are now; answer with the differences, line by line."""
    changes: list[str] = []
    for name in names:
        file = expected_file(name)
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        now = tell(inputs_of(name))
        changes += difflib.unified_diff(
            before.splitlines(), now.splitlines(), f"{name}, recorded", f"{name}, now", lineterm=""
        )
        if writes:
            file.write_text(now, encoding="utf-8")
    return changes


def chosen(wanted: Sequence[str]) -> list[str]:
    """The situations that these words name."""
    return [
        name for name in NAMES if any(name == one or name.startswith(f"{one}/") for one in wanted)
    ]


def main(arguments: Sequence[str]) -> int:
    """Record what is named; 2 where a word names nothing."""
    wanted = [one.rstrip("/") for one in arguments if one != "--show"]
    missing = [one for one in wanted if not chosen([one])]
    if missing or not wanted:
        sys.stderr.write(f"no situation is named {', '.join(missing) or '(none given)'}\n{__doc__}")
        return 2
    changes = record(chosen(wanted), writes="--show" not in arguments)
    sys.stdout.write("\n".join([*changes, ""]) if changes else "nothing changed\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
