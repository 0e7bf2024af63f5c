"""What a restart takes under systemd and under insvc's own pmon, on the same host, in turns."""

import json
import statistics
from collections.abc import Iterator

from lab.host import Host

MEASURE = r"""
import json, os, signal, socket, subprocess, sys, time
from pathlib import Path

PORT = 28931
FOLDER = Path("/opt/bench")
VICTIM = '''import os, signal, socket, sys
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", int(sys.argv[1])))
listener.listen()
with open(sys.argv[2] + ".new", "w") as pidfile:
    pidfile.write(str(os.getpid()))
os.rename(sys.argv[2] + ".new", sys.argv[2])
signal.pause()
'''
UNIT = '''[Unit]
StartLimitIntervalSec=0
[Service]
ExecStart={command}
Restart=always
RestartSec=0
'''
HOST = {"host": "bench", "personality": "worker", "subfunctions": [], "address": "127.0.0.1",
        "oam_address": "127.0.0.1", "initial_role": None, "python": sys.executable}

def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False

def ready(pidfile, port, former):
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            pid = int(pidfile.read_text())
        except (OSError, ValueError):
            pid = 0
        if pid not in (0, former) and answers(port):
            return pid
        time.sleep(0.0002)
    raise TimeoutError("the program was not ready in time")

def children(pid):
    return set(Path(f"/proc/{pid}/task/{pid}/children").read_text().split())

def rounds(parent, pidfile, port, restart):
    begun, asked = [], []
    pid = ready(pidfile, port, 0)
    for _ in range(20):
        time.sleep(0.7)
        before, at = children(parent), time.perf_counter()
        os.kill(pid, signal.SIGKILL)
        while not children(parent) - before:
            pass
        begun.append(time.perf_counter() - at)
        pid = ready(pidfile, port, pid)
    for _ in range(20):
        time.sleep(0.7)
        at = time.perf_counter()
        restart()
        pid = ready(pidfile, port, pid)
        asked.append(time.perf_counter() - at)
    return [begun, asked]

def command(port, pidfile):
    victim = FOLDER / "root/usr/bin/victim"
    return [sys.executable, "-I", "-S", "-B", str(victim), str(port), str(pidfile)]

for folder in ("root/usr/bin", "root/run", "root/etc/insvc/services.d", "run"):
    (FOLDER / folder).mkdir(parents=True, exist_ok=True)
(FOLDER / "root/usr/bin/victim").write_text(VICTIM)
own = []
for number in range(15):
    pidfile = FOLDER / f"alone-{number}"
    at = time.perf_counter()
    child = subprocess.Popen(command(PORT + 2, pidfile))
    ready(pidfile, PORT + 2, 0)
    own.append(time.perf_counter() - at)
    child.kill()
    child.wait()
found = {"own": own}

pidfile = FOLDER / "by-systemd"
text = UNIT.format(command=" ".join(command(PORT, pidfile)))
Path("/etc/systemd/system/victim.service").write_text(text)
subprocess.run(["systemctl", "daemon-reload"], check=True)
subprocess.run(["systemctl", "start", "victim"], check=True)
found["systemd"] = rounds(1, pidfile, PORT, lambda: subprocess.run(
    ["systemctl", "--no-block", "restart", "victim"], check=True))
subprocess.run(["systemctl", "stop", "victim"], check=True)

pidfile = FOLDER / "root/run/victim.pid"
(FOLDER / "host.json").write_text(json.dumps(HOST))
(FOLDER / "root/etc/insvc/services.d/victim.json").write_text(json.dumps({
    "name": "victim", "manager": "pmon", "package": "victim", "pidfile": "run/victim.pid",
    "command": ["usr/bin/victim", str(PORT + 1), str(pidfile)], "port": PORT + 1,
    "health_path": None, "debounce_s": 0.3}))
agent = subprocess.Popen([sys.executable, "-m", "insvc.agent", str(FOLDER)],
    env={**os.environ, "PYTHONPATH": "/opt/insvc/src"}, stdout=open("/opt/bench/agent.out", "w"),
    stderr=subprocess.STDOUT)
steps = iter(range(1000))

def restart():
    intent = {"run": "b", "step": f"v-{next(steps)}", "action": "restart", "service": "victim",
              "dwell_s": 0.0}
    client = socket.socket(socket.AF_UNIX)
    client.connect(str(FOLDER / "run/agent.sock"))
    client.sendall(json.dumps({"ask": "perform", "intent": intent}).encode() + b"\n")
    said = json.loads(client.makefile().readline())
    assert said["ok"] and said["answer"]["manager_done"], said
    client.close()

try:
    found["insvc"] = rounds(agent.pid, pidfile, PORT + 1, restart)
finally:
    agent.kill()
print(json.dumps(found))
"""
"""Run in the host. systemd is asked by `systemctl --no-block`, insvc's agent over its socket."""


def supervision() -> Iterator[str]:
    """Death to restart begun, and restart asked to ready again: systemd beside insvc's pmon."""
    with Host("supervised") as host:
        host.put("/opt/measure.py", MEASURE)
        told = json.loads(host.run("python3 /opt/measure.py", limit_s=300).output)
    own_s = statistics.median(told.pop("own"))
    yield f"the program alone, launch to ready    median {own_s * 1000:7.2f} ms"
    begun: dict[str, float] = {}
    for name, (begun_s, asked_s) in told.items():
        begun[name] = statistics.median(begun_s)
        more_s = statistics.median(asked_s) - own_s
        yield (
            f"death to restart begun, {name:<12}  median {begun[name] * 1000:7.2f} ms   "
            f"max {max(begun_s) * 1000:7.2f} ms   ({len(begun_s)} kills)"
        )
        yield (
            f"restart asked to ready, {name:<12}  median {(more_s + own_s) * 1000:7.2f} ms   "
            f"{more_s * 1000:7.2f} ms more than the program takes alone"
        )
    yield f"  systemd / insvc = {begun['systemd'] / begun['insvc']:.1f} (death to restart begun)"
