"""Stand-in of a purge job: drops old rows, adds one about itself, and ends."""

import json
import time

from .program import Program, read_text, write_pidfile, write_whole

KEEP_S = 600.0


def purge(text: str, now: float) -> tuple[list[dict[str, object]], int]:
    """The rows that are young enough to stay, and how many were dropped."""
    rows: list[dict[str, object]] = [json.loads(line) for line in text.splitlines()]
    kept = [row for row in rows if float(str(row["ran_at"])) > now - KEEP_S]
    return kept, len(rows) - len(kept)


def main(name: str, package: str, library: str, *, work_s: float = 0.5) -> None:
    """Run it once.

    Args:
        name: see `Program`, as `package` and `library`.
        package: what delivers it.
        library: its shared object.
        work_s: how long the run takes.
    """
    program = Program(name, package, library)
    write_pidfile()
    path = program.path("var/lib", name, "runs.jsonl")
    now = time.time()
    rows, purged = purge(read_text(path), now)
    time.sleep(work_s)
    rows.append({"ran_at": now, "version": program.version, "purged": purged})
    write_whole(path, "".join(json.dumps(row) + "\n" for row in rows))
    program.said(f"purged {purged} rows")
