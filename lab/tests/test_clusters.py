"""A Pacemaker pair comes up in the lab, and does what it is said to do."""

from collections.abc import Callable

from lab.clusters import Watch, start_pair
from lab.host import Host


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
    answers = [answer for _, answer in watch.answers]
    assert answers[0] == "inactive"
    assert set(answers) <= {"inactive", "activating", "active"}, answers
    there.until(f"! {running} >/dev/null", limit_s=10)
