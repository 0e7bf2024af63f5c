"""Real shell scripts that start, stop and look at services of a test's host."""

from pathlib import Path
from typing import Any

from tests.fakes.host_folder import HostFolder

_SHELL = """#!/bin/sh
pidfile="$INSVC_PIDFILE"; here="$INSVC_RUN"; name="$INSVC_SERVICE"
tell() { echo "$1 $name" >> "$here/told"; }
has() { [ -e "$here/$1" ]; }
alive() {
    read -r pid rest 2>/dev/null < "$pidfile" || [ -n "$pid" ] || return 1
    grep -qs '^State:.[^ZX]' "/proc/$pid/status"
}
main() { sh -c 'echo $$ > "$INSVC_PIDFILE.new"; mv "$INSVC_PIDFILE.new" "$INSVC_PIDFILE"
    exec sleep 1000' sh </dev/null & }
wait_for() { until "$@"; do sleep 0.01; done; }
"""
LSB = (
    _SHELL
    + """
case "$1" in
start)
    tell start
    has hang-start && exec sleep 1000
    has fail-start && { rm -f "$here/fail-start"; exit 1; }
    has fail-starts && exit 1
    has lie && exit 0
    alive && exit 0
    has slow && { wait_for has go; }
    (setsid sh -c '. "$0"; main' "$here/shell" &)
    wait_for alive
    tell up
    has slow-end && wait_for has go
    exit 0 ;;
stop)
    tell stop
    has hang-stop && exec sleep 1000
    has fail-stop && exit 1
    has slow-stop && wait_for has go
    alive && { kill "$pid"; while alive; do sleep 0.01; done; }
    has slow-down && wait_for has go
    rm -f "$pidfile"
    tell down ;;
status) has sick && exit 1; alive && exit 0; exit 3 ;;
*) exit 3 ;;
esac
"""
)
OCF = (
    _SHELL
    + """
state="$here/$OCF_RESKEY_state"
case "$1" in
start) tell "start-$OCF_RESOURCE_INSTANCE"; [ -e "$here/fail-starts" ] && exit 5; touch "$state" ;;
stop) tell stop; [ -e "$here/fail-stop" ] && exit 1; rm -f "$state" ;;
monitor) [ -e "$state" ] || exit 7; has grade && exit "$(cat "$here/grade")"; exit 0 ;;
*) exit 3 ;;
esac
"""
)


def define_script(
    folder: HostFolder, name: str, *, text: str = LSB, script: Any = None, **fields: Any
) -> None:
    """A service that an init script of that text starts and stops."""
    (folder.path / "run" / "shell").write_text(_SHELL)
    write_program(folder.root / "etc/init.d" / name, text)
    control = {"style": "lsb", "name": f"etc/init.d/{name}", **QUICK, **(script or {})}
    folder.define(name, **{"command": [], "script": control, **fields})


def define_agent(folder: HostFolder, name: str, *, text: str = OCF, **fields: Any) -> None:
    """A service without a process, which a resource agent of that text looks after."""
    write_program(folder.root / "usr/lib/ocf/resource.d/heartbeat/Here", text)
    control = {
        "style": "ocf",
        "name": "heartbeat:Here",
        "parameters": {"state": f"state-{name}"},
        "has_process": False,
        **QUICK,
    }
    folder.define(name, **{"command": [], "pidfile": "", "script": control, **fields})


def write_program(path: Path, text: str) -> None:
    """A file that can be executed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def rule(timeout_s: float = 20.0, retries: int = 0, pause_s: float = 0.01) -> dict[str, float]:
    """How an action is tried."""
    return {"timeout_s": timeout_s, "retries": retries, "pause_s": pause_s}


QUICK = {"start": rule(), "stop": rule(), "status": rule()}
