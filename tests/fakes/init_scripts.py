"""A host's folder with scripts in /etc/init.d that start real processes, as an ordinary user."""

import os
import shutil
import signal
from contextlib import suppress
from pathlib import Path

SCRIPT = """#!/bin/sh
### BEGIN INIT INFO
# Provides:          {name}
# Required-Start:    $remote_fs {needs}
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
# Short-Description: sleeps for ever
### END INIT INFO
NAME={name}
DAEMON=/usr/sbin/$NAME
PIDFILE=/run/$NAME.pid
ROOT=$(realpath "$(dirname "$0")/../..")

start() {{
    setsid "$ROOT$DAEMON" 1000 > /dev/null 2>&1 < /dev/null &
    pid=$!
    echo $pid > "$ROOT$PIDFILE"
    until [ "$(readlink /proc/$pid/exe)" = "$ROOT$DAEMON" ]; do
        sleep 0.01
        kill -0 $pid || break
    done
}}
stop() {{
    pid=$(cat "$ROOT$PIDFILE") || return 0
    kill "$pid"
    while readlink "/proc/$pid/exe" > /dev/null; do sleep 0.01; done
    rm -f "$ROOT$PIDFILE"
}}
case "$1" in
  start) {start} ;;
  stop) {stop} ;;
  restart) {restart} ;;
  status) {status} ;;
  *) echo "Usage: $0 {{start|stop|restart|status}}"; exit 3 ;;
esac
"""


def script(root: Path, name: str, *, needs: str = "", **actions: str) -> Path:
    """Put a script there, with its program, a copy of `sleep` of its own; it is enabled.

    Args:
        root: the host's folder.
        name: of the service.
        needs: what its header wants started before it.
        actions: shell text for `start`, `stop`, `restart` or `status` in place of the usual.
    """
    usual = {
        "start": "start",
        "stop": "stop",
        "restart": "stop; start",
        "status": 'kill -0 "$(cat "$ROOT$PIDFILE")" 2> /dev/null || exit 3',
    }
    folders = [root / one for one in ("etc/init.d", "etc/rc2.d", "usr/sbin", "run")]
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    if not (folders[2] / name).exists():
        shutil.copy("/bin/sleep", folders[2] / name)
    path = folders[0] / name
    path.write_text(SCRIPT.format(name=name, needs=needs, **{**usual, **actions}), encoding="utf-8")
    path.chmod(0o755)
    with suppress(FileExistsError):
        (folders[1] / f"S01{name}").symlink_to(f"../init.d/{name}")
    return path


def pid_of(root: Path, name: str) -> int:
    """The pid in its pid file."""
    return int((root / f"run/{name}.pid").read_text(encoding="ascii"))


def end_all(root: Path) -> None:
    """Kill whatever runs a script or program of that folder, also what is just being started."""
    while any([_has_killed(entry, root) for entry in Path("/proc").iterdir()]):  # noqa: C419 - all
        pass


def _has_killed(entry: Path, root: Path) -> bool:
    with suppress(OSError):
        if entry.name.isdigit() and f"{root}/".encode() in (entry / "cmdline").read_bytes():
            os.kill(int(entry.name), signal.SIGKILL)
            return True
    return False
