"""`make bench-lab`: what insvc costs on a real host, beside what others cost, measured now."""

import json
import re
import statistics
import sys
import time
from collections.abc import Iterator

from lab import packages
from lab.bench_supervision import supervision
from lab.host import Host
from lab.image import build
from lab.machine import Completed

TIMER = """
import json, resource, subprocess, sys, time
times = []
for _ in range(int(sys.argv[1])):
    began = time.perf_counter()
    done = subprocess.run(sys.argv[2:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    times.append(time.perf_counter() - began)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([times, used.ru_maxrss, done.returncode]))
"""
"""Run in the host: times a command there, so that the way into the host costs nothing."""

PYTHON = """import _ssl
import argparse
import json
import logging
import sys
import time

time.sleep(1e6)
number = {number}
"""
PERL = """use strict;
use POSIX;
use Socket;
use File::Basename;
my $number = {number};
sleep 1000000;
"""
CROWD = """#!/bin/sh
# CROWD PYTHON PERL NUMBER: start so many of each, each a session and a child of nobody
for i in $(seq $1); do setsid -f python3 /opt/crowd/$3.py </dev/null >/dev/null 2>&1; done
for i in $(seq $2); do setsid -f perl /opt/crowd/$3.pl </dev/null >/dev/null 2>&1; done
"""
UNIT = """[Service]
Type=forking
ExecStart=/opt/crowd/start {python} {perl} %i
TasksMax=infinity
"""
START = "/opt/crowd/start {python} {perl} {number}"
COMMANDS = {
    "cat /proc/*/maps": ["sh", "-c", "cat /proc/[0-9]*/maps >/dev/null 2>&1"],
    "python3 -c pass": ["python3", "-I", "-S", "-c", "pass"],
    "insvc scan": ["insvc", "scan"],
    "insvc scan --json": ["insvc", "scan", "--json"],
}
SERVICES = 10
"""The crowd is spread over so many services."""

# Without `idle-close-on-response` a reload closes kept connections under a client's next request.
HAPROXY = """
global
    stats socket /run/haproxy/admin.sock mode 660 level admin expose-fd listeners
defaults
    mode http
    option idle-close-on-response
    timeout client 10s
    timeout server 10s
    timeout connect 5s
frontend served
    bind 127.0.0.1:8080
    http-request return status 200 content-type text/plain string ok
"""

SERVED = {"served.service": 8098, "stored.service": 8099}
"""Services by unit, and their ports: one gets its socket from a socket unit, the other has systemd
keep the one that it made itself."""

SERVE = """
import os, signal, socket, sys
going = True
def stop(*_):
    global going
    going = False
signal.signal(signal.SIGTERM, stop)
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.connect(os.environ["NOTIFY_SOCKET"])
if os.environ.get("LISTEN_FDS"):
    listening = socket.socket(fileno=3)
else:
    listening = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=512)
    socket.send_fds(notify, [b"FDSTORE=1\\nFDNAME=front"], [listening.fileno()])
listening.settimeout(0.1)
notify.send(b"READY=1")
while going:
    try:
        peer, _ = listening.accept()
    except TimeoutError:
        continue
    with peer:
        peer.settimeout(2)
        if peer.recv(4096):
            lines = b"HTTP/1.1 200 OK", b"Content-Length: 2", b"Connection: close", b"", b"ok"
            peer.sendall(b"\\r\\n".join(lines))
"""


def timed(
    host: Host, command: list[str], *, times: int, limit_s: float = 300
) -> tuple[float, float]:
    """Median wall seconds and the highest resident set in MiB of a command in the host."""
    done = host.run(["python3", "-c", TIMER, str(times), *command], limit_s=limit_s)
    took, peak_kib, _ = json.loads(done.output)
    return statistics.median(took), peak_kib / 1024


def crowd(host: Host, count: int, *, in_services: bool) -> int:
    """Start `count` processes, three fifths Python and two fifths Perl; returns how many run.

    They are daemons of ten services, or of nobody, as what operators start by hand is.
    """
    python, perl = count // SERVICES * 3 // 5, count // SERVICES * 2 // 5
    for number in range(SERVICES):
        host.put(f"/opt/crowd/{number}.py", PYTHON.format(number=number))
        host.put(f"/opt/crowd/{number}.pl", PERL.format(number=number))
    host.put("/opt/crowd/start", CROWD, mode=0o755)
    host.put("/etc/systemd/system/crowd@.service", UNIT.format(python=python, perl=perl))
    host.run("systemctl daemon-reload")
    for number in range(SERVICES):
        start = f"systemctl start crowd@{number}" if in_services else START
        host.run(start.format(python=python, perl=perl, number=number), limit_s=120)
    counted = "grep -l libcrypto /proc/[0-9]*/maps 2>/dev/null | wc -l"
    host.until(f"[ $({counted}) -ge {python * SERVICES} ]", limit_s=240)
    return int(host.run("ls -d /proc/[0-9]* | wc -l").output)


def scans(count: int, *, in_services: bool) -> Iterator[str]:
    """One library replaced under a crowd: insvc, cat and needrestart side by side."""
    with Host("crowd") as host:
        running = crowd(host, count, in_services=in_services)
        library = host.run("ls /usr/lib/*/libcrypto.so.3").output.strip()
        packages.upgrade(host, "libssl3", [library, library.replace("crypto", "ssl")])
        host.run("insvc scan --json >/dev/null && insvc scan >/dev/null", check=False)
        found = host.run("insvc scan --json", check=False, limit_s=120).output.count('"stale"')
        ours = side_by_side(host, COMMANDS, rounds=9)
        theirs_s, theirs_mib = timed(host, ["needrestart", "-b", "-l", "-r", "l"], times=1)
        where = "in ten services" if in_services else "outside every service"
        yield f"{running} processes, most {where}; libssl3 upgraded, {found} stale:"
        for name, (took_s, mib) in {**ours, "needrestart -b": (theirs_s, theirs_mib)}.items():
            yield f"  {name:22} {took_s * 1000:8.0f} ms {mib:6.0f} MiB"
        for name in ("insvc scan", "insvc scan --json"):
            cats, times = ours[name][0] / ours["cat /proc/*/maps"][0], theirs_s / ours[name][0]
            yield f"  {name}: {cats:.1f} times cat; needrestart takes {times:.0f} times as long"


def side_by_side(
    host: Host, commands: dict[str, list[str]], *, rounds: int
) -> dict[str, tuple[float, float]]:
    """Median seconds and highest resident set of each, taken in turns: a busy machine is fair."""
    told: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            told[name].append(timed(host, command, times=1))
    return {
        name: (statistics.median(took for took, _ in one), max(mib for _, mib in one))
        for name, one in told.items()
    }


_BY_SYSTEMCTL = (
    "sleep 0.3; s=$(date +%s%N); systemctl restart plain.service; echo $(($(date +%s%N) - s))"
)
_BY_INSVC = """
import sys, time
sys.path[:0] = ["/opt/insvc/src"]
from insvc.adapters.systemd import find
from insvc.model.restart import Order
time.sleep(0.3)
systemd, began = find(), time.monotonic()
assert systemd.restart(Order(service="plain.service")).done
print(time.monotonic() - began)
"""


def restarts() -> Iterator[str]:
    """A unit restarted by systemctl and by insvc: the whole command, and the unit's own outage."""
    with Host("restart") as host:
        host.put(
            "/etc/systemd/system/unit.service", "[Service]\nExecStart=/usr/bin/sleep infinity\n"
        )
        host.run("systemctl daemon-reload && systemctl start unit")
        host.run(
            "systemctl set-property --runtime unit.service StartLimitIntervalSec=0", check=False
        )
        for name, command in {
            "systemctl restart": "systemctl restart unit.service",
            "insvc restart": "insvc restart unit.service --yes",
        }.items():
            walls, outages = [], []
            for _ in range(5):
                time.sleep(2.2)
                walls.append(host.run(command, check=False).took_s)
                outages.append(_outage_s(host))
            yield (
                f"{name:18} whole command {statistics.median(walls) * 1000:6.0f} ms, "
                f"unit down {statistics.median(outages) * 1000:6.1f} ms"
            )


def acts() -> Iterator[str]:
    """What insvc's own call to systemd costs more than `systemctl restart`, without its proofs."""
    with Host("act") as host:
        host.put(
            "/etc/systemd/system/plain.service",
            "[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStart=/bin/sleep 999\n",
        )
        host.run("systemctl daemon-reload && systemctl start plain.service")
        ours, theirs = [], []
        for _ in range(9):
            theirs.append(int(host.run(_BY_SYSTEMCTL).output) / 1e9)
            ours.append(float(host.run(["python3", "-c", _BY_INSVC]).output))
        more_ms = 1000 * (statistics.median(ours) - statistics.median(theirs))
        yield f"a restart by insvc's adapter: {more_ms:+.1f} ms beside `systemctl restart`"


def _outage_s(host: Host) -> float:
    """Seconds from the unit's last leaving of `active` to its last reaching of it."""
    told = host.run(
        "systemctl show unit -p ActiveExitTimestampMonotonic -p ActiveEnterTimestampMonotonic"
    )
    stamps = dict(re.findall(r"^(\w+)=(\d+)$", told.output, re.MULTILINE))
    left, entered = stamps["ActiveExitTimestampMonotonic"], stamps["ActiveEnterTimestampMonotonic"]
    return (int(entered) - int(left)) / 1e6


def drops() -> Iterator[str]:
    """Requests that fail while haproxy is restarted in three ways, under wrk, 50 connections."""
    with Host("front") as host:
        host.put("/etc/haproxy/haproxy.cfg", HAPROXY)
        host.run("systemctl restart haproxy")
        for command in (
            "true",
            "systemctl restart haproxy",
            "systemctl reload haproxy",
            "insvc restart haproxy.service --yes",
        ):
            if command.startswith("insvc"):
                packages.upgrade(host, "haproxy", ["/usr/sbin/haproxy"])
            told, acted = under_load(host, command)
            yield f"{command:38} {told}  (exit {acted.status}, {acted.took_s:.2f} s)"
        serve(host)
        for unit, port in SERVED.items():
            for act in ("systemctl restart", "insvc restart --yes"):
                told, acted = under_load(host, f"{act} {unit}", port=port)
                yield f"{act} {unit:18} {told}  (exit {acted.status}, {acted.took_s:.2f} s)"


def serve(host: Host) -> None:
    """Start two services that keep their listening socket over a restart: SERVED."""
    host.put("/opt/lab/serve.py", SERVE)
    served = "[Service]\nType=notify\nExecStart=/usr/bin/python3 /opt/lab/serve.py {0}\n"
    folder = "/etc/systemd/system"
    host.put(f"{folder}/served.socket", "[Socket]\nListenStream=127.0.0.1:8098\nBacklog=512\n")
    host.put(f"{folder}/served.service", served.format(0))
    stored = served.format(8099) + "FileDescriptorStoreMax=1\n"
    host.put(f"{folder}/stored.service", stored)
    host.run("systemctl daemon-reload && systemctl start served.socket served stored")


def under_load(
    host: Host, command: str, *, port: int = 8080, load_s: int = 8
) -> tuple[str, Completed]:
    """What wrk counts in some seconds of load, in the midst of which a command is run."""
    load = host.spawn(f"wrk -t1 -c50 -d{load_s}s --timeout 2s http://127.0.0.1:{port}/")
    time.sleep(2)
    acted = host.run(command, check=False, limit_s=60)
    out, _ = load.communicate(timeout=60)
    text = out.decode()
    rate = re.search(r"Requests/sec:\s*([\d.]+)", text)
    errors = re.search(r"Socket errors: (.*)", text)
    return f"{rate[1] if rate else '?'} requests/s, {errors[1] if errors else 'no errors'}", acted


PARTS = {
    "scan-500": lambda: scans(500, in_services=False),
    "scan-500-in-services": lambda: scans(500, in_services=True),
    "scan-2000": lambda: scans(2000, in_services=False),
    "restart": restarts,
    "restart-act": acts,
    "drops": drops,
    "supervision": supervision,
}


def main(words: list[str]) -> int:
    """Measure the parts named, or all of them."""
    build(["tools"])
    for name in words or PARTS:
        print(f"== {name}", flush=True)
        for line in PARTS[name]():
            print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
