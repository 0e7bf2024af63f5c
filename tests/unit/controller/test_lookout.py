"""The last look before an act, on the simulated cloud."""

import asyncio

from insvc.controller.lookout import LOOKS, Lookout
from insvc.controller.session import Session, StopWish
from insvc.execute.records import created, step_started
from insvc.model.words import InstanceState
from insvc.plan.plan import Step
from tests.fakes.cloud import Scene, host, instance, plan_for, scene, step

ONE, TWO, THREE = step("a@h1"), step("a@h2"), step("b@h3")


def three_hosts(**policy: object) -> tuple[Scene, Session]:
    made = scene(
        [host("h1", instance("a", 1)), host("h2", instance("a", 2)), host("h3", instance("b", 3))]
    )
    session = Session(made.world(), "r1", 1, made.progress, StopWish())
    plan = plan_for(made.cloud, ONE, TWO, THREE, **policy)
    session.write(created(plan, at=0.0, patch={}, stale_before=3))
    session.begin()
    return made, session


def ask(made: Scene, lookout: Lookout, one: Step) -> str | None:
    return asyncio.run(lookout.let_through(one, [made.cloud.hosts[one.host]]))


def test_one_after_the_other_is_let_through() -> None:
    made, session = three_hosts()
    lookout = Lookout(session)
    assert ask(made, lookout, ONE) is None
    assert "a@h1 is taken down by this run" in str(ask(made, lookout, TWO))
    lookout.leave(ONE)
    assert ask(made, lookout, TWO) is None


def test_a_claim_of_one_service_leaves_others_alone() -> None:
    made, session = three_hosts()
    lookout = Lookout(session)
    assert ask(made, lookout, ONE) is None
    assert ask(made, lookout, THREE) is None


def test_steps_that_another_controller_began_count_too() -> None:
    made, session = three_hosts()
    session.write(step_started(ONE.id, 1, at=1.0, because="planned"))
    assert "a@h1 is taken down by this run" in str(ask(made, Lookout(session), TWO))


def test_the_policy_decides_how_many() -> None:
    made, session = three_hosts(max_unavailable=2)
    lookout = Lookout(session)
    assert ask(made, lookout, ONE) is None
    assert ask(made, lookout, TWO) is None


def test_a_host_that_left_takes_its_members_with_it() -> None:
    made, session = three_hosts()
    lookout = Lookout(session)
    assert ask(made, lookout, THREE) is None
    made.cloud.unreachable.add("h2")
    assert "a@h2 is unknown" in str(ask(made, lookout, ONE))
    made.cloud.unreachable.clear()
    assert ask(made, lookout, ONE) is None


def test_a_host_that_never_answered_may_have_anything() -> None:
    made, session = three_hosts()
    made.cloud.unreachable.add("h3")
    assert "a@h3 is unreachable" in str(ask(made, Lookout(session), ONE))


def test_a_service_that_failed_elsewhere_meanwhile_is_seen() -> None:
    made, session = three_hosts()
    lookout = Lookout(session)
    assert ask(made, lookout, THREE) is None
    made.cloud.hosts["h2"] = host("h2", instance("a", state=InstanceState.FAILED))
    assert "a@h2 is failed" in str(ask(made, lookout, ONE))


def test_only_hosts_that_have_the_service_are_asked_again() -> None:
    made, session = three_hosts()
    lookout = Lookout(session)
    ask(made, lookout, THREE)
    looked: list[str] = []
    made.cloud.on_look = looked.append
    ask(made, lookout, ONE)
    assert looked == ["h2"]


def test_of_a_large_group_each_act_looks_at_those_not_seen_for_longest() -> None:
    count = LOOKS + 9
    made = scene([host(f"h{at}", instance("a", at + 1)) for at in range(count)])
    session = Session(made.world(), "r1", 1, made.progress, StopWish())
    plan = plan_for(made.cloud, ONE, TWO, max_unavailable=2)
    session.write(created(plan, at=0.0, patch={}, stale_before=2))
    session.begin()
    lookout = Lookout(session)
    looked: list[str] = []
    made.cloud.on_look = looked.append
    assert ask(made, lookout, ONE) is None
    first = looked[count:]
    assert len(first) == LOOKS
    assert ask(made, lookout, ONE) is None
    assert {*first, *looked[count + LOOKS :], "h1"} == set(made.cloud.hosts)
    for name in ("h40", "h41"):
        made.cloud.hosts[name] = host(name, instance("a", state=InstanceState.FAILED))
    ask(made, lookout, ONE)
    assert "a@h40 is failed, a@h41 is failed, so" in str(ask(made, lookout, ONE))
