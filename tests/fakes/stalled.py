"""A real process that hangs in the kernel: uninterruptible until it is let go."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Whoever starts a program this way waits in the kernel (state D) until the child executes it; the
# child opens a pipe first, and that waits for somebody to write.
_PROGRAM = """import os, sys
os.posix_spawn("/bin/true", ["true"], {}, file_actions=[
    (os.POSIX_SPAWN_OPEN, 3, sys.argv[1], os.O_RDONLY, 0)])
sys.stdin.read()
"""


@contextmanager
def stalled(folder: Path) -> Iterator[tuple[int, Path]]:
    """A process that hangs; its pid, and the pipe that lets it go when it is opened to write.

    Afterwards it is gone.
    """
    pipe = folder / "let-go"
    os.mkfifo(pipe)
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _PROGRAM, str(pipe)], stdin=subprocess.PIPE
    )
    try:
        yield process.pid, pipe
    finally:
        let_go(pipe)
        process.communicate()


def let_go(pipe: Path) -> None:
    """Let it go, wherever it stands: a reader and a writer at once hold up nobody."""
    os.close(os.open(pipe, os.O_RDWR | os.O_NONBLOCK))
