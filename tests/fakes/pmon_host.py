"""Process files of pmon on a test's host, with real scripts and real daemons behind them."""

import sys
from pathlib import Path
from typing import Protocol


class Folder(Protocol):
    """A host's folder."""

    path: Path
    root: Path
    address: str

    def told(self) -> list[str]:
        """What its scripts have told."""
        ...


DAEMON = """import os, signal, socket, sys
name, address, port, here = sys.argv[1:5]
def flag(word):
    return os.path.exists(os.path.join(here, word))
asked = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
asked.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
asked.bind((address, int(port)))
fresh = os.environ["INSVC_PIDFILE"] + ".new"
with open(fresh, "w") as file:
    file.write(str(os.getpid()))
os.rename(fresh, os.environ["INSVC_PIDFILE"])
while True:
    text, whom = asked.recvfrom(512)
    who, magic, number = text.decode().split()
    with open(os.path.join(here, "asked"), "a") as file:
        file.write(f"{who} {magic}\\n")
    if flag("mute"):
        continue
    who = "somebody" if flag("wrong-name") else who
    magic = int(magic, 16) ^ (0 if flag("wrong-magic") else 0xFFFFFFFF)
    number = int(number) - (1 if flag("wrong-number") else 0)
    asked.sendto(f"{who} {magic:8x} {number}\\0".encode(), whom)
"""

_SCRIPT = """#!/bin/sh
here="$INSVC_RUN"; name="$INSVC_SERVICE"; pidfile="$INSVC_PIDFILE"
tell() {{ echo "$1 $name" >> "$here/told"; }}
alive() {{ pid=$(cat "$pidfile" 2>/dev/null) && [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null; }}
case "$1" in
start)
    tell start
    [ -e "$here/broken-$name" ] && exit 1
    alive && exit 0
    (setsid {daemon} >/dev/null 2>&1 </dev/null &)
    until alive; do sleep 0.02; done ;;
stop)
    tell stop
    alive && kill "$pid" && while kill -0 "$pid" 2>/dev/null; do sleep 0.02; done
    rm -f "$pidfile" ;;
*) exit 3 ;;
esac
exit 0
"""
_SLEEPER = """sh -c 'echo $$ > "$INSVC_PIDFILE.new"; mv "$INSVC_PIDFILE.new" "$INSVC_PIDFILE"
    exec sleep 1000'"""
_JUDGE = """#!/bin/sh
here="$INSVC_RUN"; name="$INSVC_SERVICE"
echo "$1 $name" >> "$here/told"
case "$1" in
look)
    [ -e "$here/hang" ] && exec sleep 1000
    [ -e "$here/unset" ] && exit 125
    [ -e "$here/down" ] && { echo "osd.3 is down" > "$INSVC_ROOT/var/run/failure.txt"; exit 1; }
    exit 0 ;;
mend) [ -e "$here/mendable" ] && rm -f "$here/down"; exit 0 ;;
*) exit 3 ;;
esac
"""
_USUAL = {"severity": "major", "restarts": 3, "interval": 1, "debounce": 1, "startuptime": 0}


def write(path: Path, text: str) -> Path:
    """A file that can be executed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(text)
    fresh.chmod(0o755)
    fresh.replace(path)
    return path


def conf(folder: Folder, name: str, **pairs: object) -> Path:
    """A process file; a value of nothing leaves its key out."""
    given = {"process": name, **_USUAL, **pairs}
    lines = [f"{key} = {value}\n" for key, value in given.items() if value is not None]
    path = folder.root / "etc/pmon.d" / f"{name}.conf"
    (folder.root / "var/run").mkdir(parents=True, exist_ok=True)
    return write(path, "".join(["[process]\n", *lines]))


def passive(folder: Folder, name: str, **pairs: object) -> Path:
    """A process that an init script starts."""
    write(folder.root / "etc/init.d" / name, _SCRIPT.format(daemon=_SLEEPER))
    return conf(
        folder,
        name,
        **{"script": f"/etc/init.d/{name}", "pidfile": f"/var/run/{name}.pid", **pairs},
    )


def active(folder: Folder, name: str, port: int, **pairs: object) -> Path:
    """A process that answers datagrams, in its way of the moment."""
    program = write(folder.root / "usr/sbin/asked", DAEMON)
    call = f'{sys.executable} -I -S {program} {name} {folder.address} {port} "$here"'
    write(folder.root / "etc/init.d" / name, _SCRIPT.format(daemon=call))
    given = {
        "mode": "active",
        "script": f"/etc/init.d/{name}",
        "pidfile": f"/var/run/{name}.pid",
        "port": port,
        "period": 1,
        "timeout": 1,
        "threshold": 2,
    }
    return conf(folder, name, **{**given, **pairs})


def status(folder: Folder, name: str, **pairs: object) -> Path:
    """A service that a script judges."""
    write(folder.root / "etc/init.d" / name, _JUDGE)
    given = {
        "mode": "status",
        "script": f"/etc/init.d/{name}",
        "debounce": None,
        "period": 1,
        "timeout": 1,
        "start_arg": "mend",
        "status_arg": "look",
        "status_failure_text": "/var/run/failure.txt",
    }
    return conf(folder, name, **{**given, **pairs})


def flag(folder: Folder, name: str) -> Path:
    """A file in the host's run folder, which scripts and daemons heed."""
    path = folder.path / "run" / name
    path.touch()
    return path


def mark(folder: Folder, name: str) -> Path:
    """A flag of the host, by its path below the root."""
    path = folder.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def counted(folder: Folder, line: str) -> int:
    """How often a script has told that line."""
    return folder.told().count(line)
