"""Clusters of real software come up in the lab, and lose what they are said to lose."""

from collections.abc import Callable

from lab.clusters import Watch, quorum, start_monitors, start_osd, start_pair
from lab.host import Host

STATUS = "ceph daemon mon.one mon_status"


def test_three_monitors_keep_quorum_without_one_and_lose_it_without_two(
    boot: Callable[..., list[Host]],
) -> None:
    one, two, three = hosts = boot("one", "two", "three", layer="ceph")
    start_monitors(hosts)
    start_osd(one, 0)
    assert set(quorum(one)) == {"one", "two", "three"}
    three.run("systemctl stop ceph-mon@three")
    one.until(STATUS + " | tr -d ' \n' | grep -q '\"quorum\":.0,1.,'", limit_s=60)
    assert set(quorum(one)) == {"one", "two"}
    two.run("systemctl stop ceph-mon@two")
    one.until(STATUS + ' | grep -q \'"state": "\\(probing\\|electing\\)\'', limit_s=60)
    assert quorum(one) == []


def test_a_pair_moves_its_resource_to_the_host_that_is_left(
    boot: Callable[..., list[Host]],
) -> None:
    one, two = boot("one", "two", layer="pacemaker")
    start_pair([one, two])
    running = "systemctl is-active haproxy"
    assert {one.run(running, check=False).output, two.run(running, check=False).output} == {
        "active\n",
        "inactive\n",
    }
    there, other = (one, two) if one.run(running, check=False).status == 0 else (two, one)
    with Watch(other, running) as watch:
        there.run(f"crm_standby -N {there.short} -v on")
        other.until(running, limit_s=30)
    assert watch.answers[-1][1] in {"active", "inactive"}
    there.until(f"! {running} >/dev/null", limit_s=10)
