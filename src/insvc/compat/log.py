"""The patch log of a host: a line with its time for everything a command did."""

import time
from collections.abc import Iterable
from pathlib import Path


def write_log(path: Path, command: str, lines: Iterable[str]) -> None:
    """Append these lines, each with the time in UTC and the command's name.

    What is no text (a name in another encoding), or would begin a line of its own, is escaped.

    Raises:
        OSError: it cannot be written.
    """
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8", errors="backslashreplace") as log:
        log.writelines(f"{stamp} {command}: {_one_line(line)}\n" for line in lines)


def _one_line(text: str) -> str:
    return "\\n".join(text.splitlines())
