"""A real supervisord, as an ordinary user, with its files below one folder."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from insvc.adapters.procfs import ProcfsTable

SLEEPER = "/bin/sleep 1000"
_LIMIT_S = 30.0


def program(name: str, command: str = SLEEPER, **settings: object) -> str:
    """A section of its configuration."""
    lines = [f"{key}={value}" for key, value in {"startsecs": 0, **settings}.items()]
    return "\n".join([f"[program:{name}]", f"command={command}", *lines, ""])


def configure(root: Path, *sections: str, server: str = "") -> Path:
    """Write its configuration below that folder."""
    server = server or "[unix_http_server]\nfile=%(here)s/s.sock\n"
    path = root / "etc/supervisord.conf"
    path.parent.mkdir(parents=True, exist_ok=True)
    own = "[supervisord]\nlogfile=/dev/null\nlogfile_maxbytes=0\npidfile=%(here)s/pid\n"
    rpc = (
        "[rpcinterface:supervisor]\n"
        "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n"
    )
    path.write_text("\n".join([server, own, rpc, *sections]), encoding="utf-8")
    return path


@contextmanager
def running(root: Path) -> Iterator[int]:
    """supervisord with that configuration, from when it answers; gives its pid."""
    command = [sys.executable, "-m", "supervisor.supervisord", "-n", "-c"]
    child = subprocess.Popen(
        [*command, str(root / "etc/supervisord.conf")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=root,
    )
    try:
        until = time.monotonic() + _LIMIT_S
        while not (root / "etc/pid").exists():
            assert child.poll() is None
            assert time.monotonic() < until
            Event().wait(0.02)
        yield child.pid
    finally:
        for pid in (child.pid, *ProcfsTable().children(child.pid)):
            os.kill(pid, signal.SIGKILL)
        child.wait(_LIMIT_S)
