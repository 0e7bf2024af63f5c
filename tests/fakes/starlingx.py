"""Stand-ins for StarlingX's two managers: real processes, a real SQLite database, real pid files.

The commands behave as their operators know them: they ask, do not wait for anything, and end with 0
whatever becomes of it, also for a name that nobody has.
"""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from tests.fakes import init_scripts

TABLES = """
CREATE TABLE SERVICES (
    ID INTEGER PRIMARY KEY AUTOINCREMENT, PROVISIONED CHAR(32), NAME CHAR(32),
    DESIRED_STATE CHAR(32), STATE CHAR(32), STATUS CHAR(32), CONDITION CHAR(32),
    MAX_FAILURES INT, PID_FILE CHAR(256));
CREATE TABLE SERVICE_DEPENDENCY (
    DEPENDENCY_TYPE CHAR(32), SERVICE_NAME CHAR(32), STATE CHAR(32), ACTION CHAR(32),
    DEPENDENT CHAR(32), DEPENDENT_STATE CHAR(32));
CREATE TABLE SERVICE_ACTIONS (
    SERVICE_NAME CHAR(32), ACTION CHAR(32), PLUGIN_TYPE CHAR(32), TIMEOUT_IN_SECS INT);
"""
HEAD = f"""#!{sys.executable}
import os, signal, sqlite3, subprocess, sys, time
from contextlib import closing, suppress
from pathlib import Path
ROOT = Path(__file__).resolve().parents[2]
WAYS = (ROOT / "ways").read_text().split() if (ROOT / "ways").exists() else []
def pidfile(path):
    return ROOT / path.lstrip("/")
def end(path):
    with suppress(OSError, ValueError):
        pid = int(pidfile(path).read_text())
        pidfile(path).unlink()
        os.kill(pid, signal.SIGKILL)
def begin(path, seconds="1000"):
    # Started by a shell that ends at once, so that nobody here is its parent.
    pidfile(path).parent.mkdir(parents=True, exist_ok=True)
    own = str(ROOT / "usr/sbin/daemon")
    text = 'setsid "$0" "$1" > /dev/null 2>&1 < /dev/null & echo $! > "$2"'
    subprocess.run(["/bin/sh", "-c", text, own, seconds, str(pidfile(path))], check=True)
def leave_us():
    # What follows goes on while the command has long ended.
    if os.fork():
        os._exit(0)
    os.setsid()
"""
SM = """
DB = ROOT / "var/run/sm/sm.db"
def ask(text, *values):
    with closing(sqlite3.connect(DB, timeout=10)) as held, held:
        return held.execute(text, values).fetchall()
def put(name, state, status="none", condition="none"):
    ask("UPDATE SERVICES SET STATE=?, STATUS=?, CONDITION=? WHERE NAME=?",
        state, status, condition, name)
"""
SM_QUERY = """
name = sys.argv[2]
rows = ask("SELECT STATE, STATUS FROM SERVICES WHERE NAME=?", name)
if "query-lies" in WAYS:
    print(f"{name} is enabled-active-failed")
elif not rows:
    print(f"{name} is disabled.")
else:
    state, status = rows[0]
    print(f"{name} is {state}" + ("" if status == "none" else f"-{status}"))
"""
SM_RESTART = """
name = sys.argv[2]
print(f"Service ({name}) is restarting.", flush=True)
if "no-socket" in WAYS:
    sys.exit(255)
leave_us()
rows = ask("SELECT PID_FILE FROM SERVICES WHERE NAME=?", name)
if not rows or "deaf" in WAYS:
    sys.exit(0)
time.sleep(0.15)
needing = [one for (one,) in ask(
    "SELECT SERVICE_NAME FROM SERVICE_DEPENDENCY WHERE DEPENDENT=? AND ACTION='enable'", name)]
along = needing if sys.argv[0].endswith("sm-restart") else []
path = rows[0][0]
for one in along:
    put(one, "disabling")
put(name, "disabling")
if path and "keeps-old" not in WAYS:
    end(path)
for one in (*along, name):
    put(one, "disabled")
time.sleep(0.1)
if "db-gone" in WAYS:
    DB.unlink()
    sys.exit(0)
if "fatal" in WAYS:
    put(name, "disabled", "failed", "fatal-failure")
    sys.exit(0)
if "stays-down" in WAYS:
    put(name, "disabled", "failed", "action-failure")
    sys.exit(0)
put(name, "enabling")
time.sleep(0.1)
while path and "crashes" in WAYS and ROOT.exists():
    begin(path, "0.1")
    put(name, "enabled-active")
    time.sleep(0.2)
    put(name, "enabling")
if path and "keeps-old" not in WAYS:
    begin(path)
put(name, "enabled-active", "degraded" if "degraded" in WAYS else "none")
for one in along:
    put(one, "enabled-active" if "loses" not in WAYS else "enabling")
"""
PMON_RESTART = """
if len(sys.argv) < 2:
    sys.exit(2)
if "no-socat" in WAYS:
    sys.exit(5)
name = sys.argv[1]
leave_us()
if "deaf" in WAYS:
    sys.exit(0)
for file in (ROOT / "etc/pmon.d").glob("*.conf"):
    pairs = dict(line.split("=", 1) for line in file.read_text().splitlines() if "=" in line)
    values = {key.strip(): value.split(";")[0].strip() for key, value in pairs.items()}
    if values["process"] != name:
        continue
    time.sleep(0.15)
    end(values["pidfile"])
    time.sleep(0.1)
    if "stays-down" in WAYS:
        sys.exit(0)
    while "crashes" in WAYS and ROOT.exists():
        begin(values["pidfile"], "0.1")
        time.sleep(0.2)
    begin(values["pidfile"])
"""
CONF = """[process]
process  = {name}      ; name
service  = {name}
style    = lsb
pidfile  = /var/run/{name}.pid
severity = major
restarts = 3
interval = 5
debounce = 20
startuptime = 0
mode = passive
{more}
"""


def _command(root: Path, name: str, text: str) -> None:
    path = root / "usr/bin" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    daemon = root / "usr/sbin/daemon"
    daemon.parent.mkdir(parents=True, exist_ok=True)
    if not daemon.exists():
        shutil.copy("/bin/sleep", daemon)


def begin(root: Path, path: str) -> int:
    """Start a process that keeps its pid there."""
    file = root / path.lstrip("/")
    file.parent.mkdir(parents=True, exist_ok=True)
    text = 'setsid "$0" 1000 > /dev/null 2>&1 < /dev/null & echo $! > "$1"'
    daemon = str(root / "usr/sbin/daemon")
    subprocess.run(["/bin/sh", "-c", text, daemon, str(file)], check=True)
    return int(file.read_text(encoding="ascii"))


def ways(root: Path, *words: str) -> None:
    """How the stand-ins go astray from now on."""
    (root / "ways").write_text(" ".join(words), encoding="utf-8")


def pmon(root: Path) -> None:
    """A host with pmon."""
    _command(root, "pmon-restart", HEAD + PMON_RESTART)
    (root / "etc/pmon.d").mkdir(parents=True, exist_ok=True)


def process(root: Path, name: str, more: str = "") -> int:
    """A process that pmon keeps alive; its pid."""
    text = CONF.format(name=name, more=more)
    (root / f"etc/pmon.d/{name}.conf").write_text(text, encoding="utf-8")
    return begin(root, f"/var/run/{name}.pid")


def sm(root: Path) -> None:
    """A controller with sm."""
    for name, text in (("sm-query", SM_QUERY), ("sm-restart", SM_RESTART)):
        _command(root, name, HEAD + SM + text)
    _command(root, "sm-restart-safe", HEAD + SM + SM_RESTART)
    (root / "var/run/sm").mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(root / "var/run/sm/sm.db")) as held:
        held.executescript(TABLES)


def service(root: Path, name: str, *needs: str, pidfile: bool = True, **columns: str) -> int:
    """A service of sm, enabled-active; its pid, or 0 where it is no process."""
    path = f"/var/run/{name}.pid" if pidfile else ""
    row = {
        "PROVISIONED": "yes",
        "NAME": name,
        "DESIRED_STATE": "enabled-active",
        "STATE": "enabled-active",
        "STATUS": "none",
        "CONDITION": "",
        "PID_FILE": path,
        **columns,
    }
    with closing(sqlite3.connect(root / "var/run/sm/sm.db")) as held, held:
        signs = ", ".join("?" for _ in row)
        held.execute(
            f"INSERT INTO SERVICES ({', '.join(row)}) VALUES ({signs})", tuple(row.values())
        )
        held.executemany(
            "INSERT INTO SERVICE_DEPENDENCY VALUES ('action', ?, 'not-applicable', 'enable', ?,"
            " 'enabled-active')",
            [(name, one) for one in needs],
        )
        held.executemany(
            "INSERT INTO SERVICE_ACTIONS VALUES (?, ?, 'lsb-script', ?)",
            [(name, "enable", 20), (name, "disable", 10)],
        )
    return begin(root, path) if pidfile else 0


def end_all(root: Path) -> None:
    """End the stand-ins and whatever they have started."""
    ways(root)
    init_scripts.end_all(root)
