"""Three Ceph monitors and an OSD, upgraded and restarted: the quorum is never lost."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from lab import packages
from lab.clusters import Watch, quorum, start_monitors, start_osd
from lab.host import Host
from lab.image import build
from lab.kernel_truth import units_with_deleted
from lab.network import Network

ASK = """ceph daemon mon.$(hostname) mon_status | python3 -c '
import json, sys
told = json.load(sys.stdin)
print(len(told["quorum"]) if told["state"] in ("leader", "peon") else "electing")'"""
"""A monitor's own word: how many are in quorum with it, or that they elect a leader."""

ELECTION_S = 5.0
"""How long the two that are left may take to agree on a leader: the lease is 2 s."""

OSD_UP = "ceph osd stat --format json | grep -q '\"num_up_osds\":1'"
STATUS = "ceph daemon mon.one mon_status"


@pytest.fixture(scope="module")
def hosts() -> Iterator[list[Host]]:
    """Three hosts with a monitor each, and an OSD on the first."""
    build(["ceph"])
    with ExitStack() as ends:
        network = ends.enter_context(Network())
        booted = [
            ends.enter_context(Host(name, layer="ceph", network=network))
            for name in ("one", "two", "three")
        ]
        start_monitors(booted)
        start_osd(booted[0], 0)
        yield booted


def test_upgraded_monitors_are_restarted_and_the_quorum_is_never_lost(hosts: list[Host]) -> None:
    for host in hosts:
        packages.upgrade(host, "ceph-mon", ["/usr/bin/ceph-mon"])
        assert f"ceph-mon@{host.short}.service" in units_with_deleted(host, "/usr/bin/ceph-mon")
    for host, other in zip(hosts, [*hosts[1:], hosts[0]], strict=True):
        with Watch(other, ASK) as watch:
            name = f"ceph-mon@{host.short}.service"
            done = host.run(["insvc", "restart", name, "--yes"], check=False, limit_s=55)
            other.until(f"[ $({ASK}) = 3 ]", limit_s=20)
        assert done.status == 0, str(done)
        answers = {answer for _, answer in watch.answers}
        assert answers <= {"2", "3", "electing"}, watch.answers
        assert watch.longest_s("electing") <= ELECTION_S, watch.answers
        assert units_with_deleted(host, "/usr/bin/ceph-mon") == {}
    assert set(quorum(hosts[0])) == {"one", "two", "three"}


def test_an_upgraded_osd_is_left_alone_until_it_is_named_and_then_comes_up_again(
    hosts: list[Host],
) -> None:
    host, unit = hosts[0], "ceph-osd@0.service"
    host.put(f"/etc/systemd/system/{unit}.d/lab.conf", "[Unit]\nStartLimitIntervalSec=2\n")
    host.run("systemctl daemon-reload")
    packages.upgrade(host, "ceph-osd", ["/usr/bin/ceph-osd"])
    assert set(units_with_deleted(host, "/usr/bin/ceph-osd")) == {unit}
    left = host.run("insvc restart --stale --yes", check=False, limit_s=55)
    assert "left alone" in left.output
    assert set(units_with_deleted(host, "/usr/bin/ceph-osd")) == {unit}
    done = host.run(["insvc", "restart", unit, "--yes"], check=False, limit_s=55)
    assert done.status == 0, str(done)
    assert units_with_deleted(host, "/usr/bin/ceph-osd") == {}
    host.until(OSD_UP, limit_s=40)


def test_a_quorum_of_two_is_kept_without_one_and_lost_without_two(hosts: list[Host]) -> None:
    one, two, three = hosts
    three.run("systemctl stop ceph-mon@three")
    one.until(STATUS + " | tr -d ' \n' | grep -q '\"quorum\":.0,1.,'", limit_s=40)
    assert set(quorum(one)) == {"one", "two"}
    two.run("systemctl stop ceph-mon@two")
    one.until(STATUS + ' | grep -q \'"state": "\\(probing\\|electing\\)\'', limit_s=40)
    assert quorum(one) == []
