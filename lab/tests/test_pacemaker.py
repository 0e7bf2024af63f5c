"""A real cluster of two: its resources are found stale, restarted by it, and never lost."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import Any, NamedTuple, Self

import pytest

from insvc.inspect.pacemaker_cib import Primitive
from insvc.inspect.pacemaker_course import lease
from lab import packages
from lab.clusters import start_pair
from lab.host import Host
from lab.image import build
from lab.machine import Completed
from lab.network import Network

LIBRARY = "/usr/lib/x86_64-linux-gnu/libcrypto.so.3"
SERVER = f"""
import ctypes, http.server
ctypes.CDLL("{LIBRARY}")
class Site(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer(("", 8088), Site).serve_forever()
"""
WORKER = f"""
import ctypes, time
ctypes.CDLL("{LIBRARY}")
time.sleep(99999)
"""
AGENT = """#!/bin/sh
# A service that its agent starts as most do: in Pacemaker's own group, its environment handed down.
kept=/run/lab-$OCF_RESOURCE_INSTANCE.kept
score() { [ $OCF_RESOURCE_INSTANCE = worker ] || crm_attribute --promotion --lifetime reboot "$@"; }
runs() { test -s $kept && kill -0 "$(cat $kept)" 2>/dev/null; }
case "$1" in
start)
    runs && exit 0
    setsid python3 /opt/lab/worker.py </dev/null >/dev/null 2>&1 &
    echo $! >$kept
    score --update 5
    exit 0 ;;
stop) sleep 1; runs && kill "$(cat $kept)"; rm -f $kept $kept.promoted; score --delete; exit 0 ;;
promote) echo promoted >$kept.promoted; exit 0 ;;
demote) rm -f $kept.promoted; exit 0 ;;
monitor) runs || exit 7; test -f $kept.promoted && exit 8; exit 0 ;;
meta-data) cat <<'END'
<?xml version="1.0"?>
<resource-agent name="worker" version="1"><version>1.0</version>
<longdesc lang="en">A worker.</longdesc><shortdesc lang="en">A worker.</shortdesc>
<parameters/><actions><action name="start" timeout="20s"/><action name="stop" timeout="20s"/>
<action name="promote" timeout="20s"/><action name="demote" timeout="20s"/>
<action name="monitor" timeout="20s" interval="2s"/><action name="meta-data" timeout="5s"/>
</actions></resource-agent>
END
    exit 0 ;;
esac
exit 3
"""
RESOURCES = """<configuration>
 <resources>
  <group id="site">
   <primitive id="vip" class="ocf" provider="heartbeat" type="IPaddr2">
    <instance_attributes id="vip-set"><nvpair id="vip-ip" name="ip" value="{address}"/>
     <nvpair id="vip-mask" name="cidr_netmask" value="24"/></instance_attributes>
    <operations><op id="vip-watch" name="monitor" interval="2s" timeout="20s"/></operations>
   </primitive>
   <primitive id="web" class="ocf" provider="heartbeat" type="anything">
    <instance_attributes id="web-set">
     <nvpair id="web-program" name="binfile" value="/usr/bin/python3"/>
     <nvpair id="web-words" name="cmdline_options" value="/opt/lab/server.py"/>
    </instance_attributes>
    <operations><op id="web-watch" name="monitor" interval="2s" timeout="20s"/></operations>
   </primitive>
  </group>
  <primitive id="worker" class="ocf" provider="lab" type="worker">
   <operations><op id="worker-watch" name="monitor" interval="2s" timeout="20s"/></operations>
  </primitive>
  <clone id="pair">
   <meta_attributes id="pair-set"><nvpair id="pair-kind" name="promotable" value="true"/>
   </meta_attributes>
   <primitive id="half" class="ocf" provider="lab" type="worker">
    <operations><op id="half-watch" name="monitor" interval="2s" timeout="20s"/></operations>
   </primitive>
  </clone>
 </resources>
 <constraints>
  <rsc_location id="site-home" rsc="site" node="one" score="100"/>
  <rsc_location id="front-home" rsc="front" node="one" score="100"/>
  <rsc_location id="worker-home" rsc="worker" node="one" score="100"/>
  <rsc_order id="worker-later" first="site" then="worker"/>
 </constraints>
</configuration>"""
AT_HOME = "crm_mon -1 | grep -c 'Started one' | grep -q 4"
SETTLED = "crm_resource --wait --timeout=50s"


class Pair(NamedTuple):
    """The two hosts, and the address that the site has wherever it runs."""

    one: Host
    two: Host
    address: str


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    """A cluster whose resources run on its first host; it keeps them without a quorum."""
    build(["tools", "pacemaker"])
    with ExitStack() as ends:
        network = ends.enter_context(Network())
        one, two = hosts = [
            ends.enter_context(Host(name, layer="pacemaker", network=network))
            for name in ("one", "two")
        ]
        address = network.take_address()
        for host in hosts:
            host.put("/opt/lab/server.py", SERVER)
            host.put("/opt/lab/worker.py", WORKER)
            host.put("/usr/lib/ocf/resource.d/lab/worker", AGENT, mode=0o755)
        start_pair(hosts)
        for host in hosts:
            host.run("sed -i 's/two_node: 1/two_node: 0/' /etc/corosync/corosync.conf")
        one.run("corosync-cfgtool -R && crm_attribute -q -n no-quorum-policy -v freeze")
        text = RESOURCES.format(address=address)
        one.run(["cibadmin", "--modify", "--allow-create", "--xml-text", text])
        one.until(AT_HOME, limit_s=40)
        yield Pair(one, two, address)


@pytest.fixture(autouse=True)
def _is_at_home(pair: Pair) -> Iterator[None]:
    """Each test finds the cluster settled, with everything on its first host."""
    yield
    pair.one.until(AT_HOME, limit_s=30)
    assert "insvc-" not in pair.one.run("cibadmin --query --scope configuration").output


class Asking:
    """Asks the site again and again at its address, from a thread, as long as it is entered."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._answered: list[float] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        end = time.monotonic() + 10
        while not self._answered:
            assert time.monotonic() < end, "the site does not answer at all"
            time.sleep(0.01)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        count, end = len(self._answered), time.monotonic() + 10
        while len(self._answered) == count and time.monotonic() < end:
            time.sleep(0.01)
        self._over.set()
        self._thread.join()
        self._answered.append(time.monotonic())

    @property
    def longest_s(self) -> float:
        """The longest time without an answer."""
        pairs = zip(self._answered, self._answered[1:], strict=False)
        return max(later - earlier for earlier, later in pairs)

    def _ask(self) -> None:
        while not self._over.wait(0.01):
            try:
                with socket.create_connection((self._address, 8088), timeout=0.2) as asked:
                    asked.sendall(b"GET / HTTP/1.0\r\n\r\n")
                    if b"200" in asked.recv(64):
                        self._answered.append(time.monotonic())
            except OSError:
                continue


def insvc(host: Host, words: str) -> Completed:
    return host.run(f"insvc {words} < /dev/null", check=False, limit_s=120)


def scan(host: Host) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(insvc(host, "scan --local --json --all").output)
    return {one["service"]: one for one in told["hosts"][0]["instances"]}


def pid(host: Host, pattern: str) -> str:
    return host.run(f"pgrep -of {pattern}").output.strip()


def failures(host: Host) -> str:
    return host.run("cibadmin --query --local | grep fail-count", check=False).output


def refusal(host: Host, service: str) -> str:
    """Why a restart was refused; it must leave everything as it was."""
    before = host.run("cibadmin --query --local --scope configuration").output
    told = insvc(host, f"restart --local {service} --yes")
    assert told.status == 5, told.output + told.errors
    assert host.run("cibadmin --query --local --scope configuration").output == before
    return " ".join(told.output.split())


def swact_s(pair: Pair) -> float:
    """How long the site does not answer while the cluster moves it away, or back."""
    with Asking(pair.address) as moving:
        pair.one.run("crm_resource --resource site --move --node two && " + SETTLED)
    with Asking(pair.address) as returning:
        pair.one.run("crm_resource --resource site --clear && " + SETTLED)
    pair.one.until(AT_HOME, limit_s=30)
    return max(moving.longest_s, returning.longest_s)


def assert_within_a_swact(pair: Pair, restart_s: float) -> None:
    """Compare with swacts; other work on this machine may fall on either, so up to three times."""
    for _ in range(3):
        swact = swact_s(pair)
        print(f"without an answer: swact {swact:.2f} s, restart {restart_s:.2f} s")
        if restart_s <= swact:
            return
        with Asking(pair.address) as restarting:
            assert insvc(pair.one, "restart --local web --yes").status == 0
        restart_s = restarting.longest_s
    pytest.fail("three restarts took longer than the swacts beside them")


def test_what_is_stale_is_restarted_by_the_cluster_within_the_time_of_its_swact(
    pair: Pair,
) -> None:
    one = pair.one
    before = scan(one)
    assert {before[name]["manager"] for name in ("web", "worker", "front", "vip")} == {"pacemaker"}
    assert "haproxy.service" not in before
    started = one.get("/run/lab-worker.kept").strip()
    assert [str(of["pid"]) for of in before["worker"]["processes"]] == [started]

    packages.upgrade(one, "libssl3", [one.run(f"realpath {LIBRARY}").output.strip()])
    found = scan(one)
    stale = {name for name, seen in found.items() if seen["verdict"] == "stale"}
    assert {"web", "worker", "front"} <= stale
    assert not {"pacemaker.service", "corosync.service", "haproxy.service", "vip"} & stale
    assert not [name for name in stale if name.startswith("session-")]

    with Asking(pair.address) as restarting:
        done = insvc(one, "restart --local web worker front --stale --yes --json")

    assert done.status == 0, done.output + done.errors
    outcomes = {of["service"]: of["outcome"] for of in json.loads(done.output)["steps"]}
    # The cluster restarts the worker with the site it depends on: once is enough.
    assert outcomes.pop("worker") in {"restarted", "already-current"}
    assert outcomes == {"web": "restarted", "front": "restarted"}
    after = scan(one)
    assert {after[name]["verdict"] for name in ("web", "worker", "front")} == {"current"}
    assert failures(one) == ""
    assert_within_a_swact(pair, restarting.longest_s)


def test_a_restart_that_was_killed_is_taken_up_and_leaves_the_resource_running(pair: Pair) -> None:
    one = pair.one
    before = pid(one, "server.py")
    running = one.spawn("insvc restart --local web --yes")
    one.until("cibadmin --query --local | grep -q insvc-stop-web", limit_s=30)
    one.run("kill -9 $(pgrep -f 'insvc restart' | tr '\\n' ' ')", check=False)
    running.communicate(timeout=30)
    assert "insvc-stop-web" in one.run("cibadmin --query --local").output
    assert "insvc-stop-web" in insvc(one, "scan --local --all").output
    done = insvc(one, "run resume latest --local")
    assert done.status == 0, done.output + done.errors
    assert pid(one, "server.py") != before


def test_what_a_lease_stopped_comes_back_by_itself(pair: Pair) -> None:
    one = pair.one
    before = pid(one, "server.py")
    web = Primitive(name="web", kind="anything", parameters={}, group="site")
    laid = lease(web, "one", time.time() + 6)
    one.run(["cibadmin", "--modify", "--allow-create", "--xml-text", laid.text])
    one.until("! pgrep -f [s]erver.py", limit_s=10)
    one.until("pgrep -f [s]erver.py", limit_s=30)
    assert pid(one, "server.py") != before
    for query in (laid.hold, laid.stay):
        one.run(["cibadmin", "--delete", "--xpath", query])


def promoted(host: Host) -> str:
    """Which host has the promoted copy; empty where none has."""
    told = host.run("crm_mon -1 | grep Promoted:", check=False).output
    return told.partition("[")[2].partition("]")[0].strip()


def test_the_promoted_copy_lets_another_be_promoted_before_it_starts_again(pair: Pair) -> None:
    first = promoted(pair.one)
    here, other = (pair.one, pair.two) if first == "one" else (pair.two, pair.one)
    before = scan(here)["half"]["processes"][0]["pid"]
    theirs = scan(other)["half"]["processes"][0]["pid"]
    done = insvc(here, "restart --local half --yes")
    assert done.status == 0, done.output + done.errors
    assert scan(here)["half"]["processes"][0]["pid"] != before
    assert scan(other)["half"]["processes"][0]["pid"] == theirs
    assert promoted(pair.one) == other.short
    assert failures(here) == ""


def test_in_maintenance_a_restart_is_refused_by_name(pair: Pair) -> None:
    pair.one.run("crm_attribute -q -n maintenance-mode -v true")
    said = refusal(pair.one, "web")
    pair.one.run("crm_attribute -q -n maintenance-mode -D")
    assert "the cluster is in maintenance" in said


def test_without_quorum_a_restart_is_refused_by_name(pair: Pair) -> None:
    pair.two.cut()
    pair.one.until("crm_mon -1 | grep -q 'WITHOUT quorum'", limit_s=30)
    said = refusal(pair.one, "web")
    pair.two.join()
    pair.one.until("crm_mon -1 | grep -q 'Online: . one two'", limit_s=40)
    assert "has no quorum" in said


def test_pacemaker_itself_is_restarted_in_standby_alone(pair: Pair) -> None:
    two = pair.two
    said = refusal(pair.one, "pacemaker.service")
    assert "take away what runs on one (" in said
    before = pid(two, "pacemakerd")
    two.run("crm_standby --node two --update on --lifetime reboot && " + SETTLED)
    done = insvc(two, "restart --local pacemaker.service --yes")
    assert done.status == 0, done.output + done.errors
    assert pid(two, "pacemakerd") != before
    two.until("crm_mon -1 | grep -q 'Online: . one two'", limit_s=20)
