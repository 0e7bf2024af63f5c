"""Three Ceph monitors upgraded and restarted host after host: the quorum is never lost."""

from collections.abc import Callable

from lab import packages
from lab.clusters import Watch, quorum, start_monitors
from lab.host import Host
from lab.kernel_truth import units_with_deleted

ASK = """ceph daemon mon.$(hostname) mon_status | python3 -c '
import json, sys
told = json.load(sys.stdin)
print(len(told["quorum"]) if told["state"] in ("leader", "peon") else "electing")'"""
"""A monitor's own word: how many are in quorum with it, or that they elect a leader."""

ELECTION_S = 5.0
"""How long the two that are left may take to agree on a leader: the lease is 2 s."""


def test_upgraded_monitors_are_restarted_and_the_quorum_is_never_lost(
    boot: Callable[..., list[Host]],
) -> None:
    hosts = boot("one", "two", "three", layer="ceph")
    start_monitors(hosts)
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
