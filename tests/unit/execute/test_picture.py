"""`insvc.execute.picture`: what many looks add up to is what one look at everything would say."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from insvc.catalog.entry import AtMostOneDown
from insvc.execute.picture import Picture, remember
from insvc.model.observation import HostObservation, Instance, Observation
from insvc.model.words import InstanceState, Redundancy
from insvc.plan.budgets import Budget, make_budget, make_domain_budget
from insvc.plan.policy import Policy
from insvc.plan.view import make_view
from tests.unit.plan.sample import Cloud, entry, failed, fresh, job, stale, stopped

KINDS = {
    "each": entry("each"),
    "votes": entry("votes", redundancy=Redundancy.QUORUM),
    "turns": entry("turns", redundancy=Redundancy.ACTIVE_STANDBY),
    "one": entry("one", special_handling=(AtMostOneDown(service="one"),)),
}
STATES = [InstanceState.RUNNING, InstanceState.FAILED, InstanceState.STOPPED]


def picture(cloud: Cloud) -> Picture:
    return Picture(cloud.observation, cloud.catalog, cloud.topology)


def three() -> Cloud:
    cloud = Cloud(*KINDS.values())
    for number, domain in enumerate(("east", "east", None)):
        cloud.host(f"compute-{number}", fresh("each"), failure_domain=domain)
    return cloud


@st.composite
def looks(draw: st.DrawFn) -> HostObservation:
    """A look at one of three hosts."""
    name = f"compute-{draw(st.integers(0, 2))}"
    if draw(st.integers(0, 4)) == 0:
        return HostObservation(host=name, reachable=False)
    services = draw(st.lists(st.sampled_from(list(KINDS)), unique=True))
    made = tuple(Instance(service=one, state=draw(st.sampled_from(STATES))) for one in services)
    return HostObservation(
        host=name, instances=made, locked=draw(st.booleans()), taken_at=draw(st.floats(0.0, 9.0))
    )


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(looks(), max_size=12), st.sampled_from([None, 1, "50%"]))
def test_many_looks_add_up_to_what_one_look_at_all_says(
    seen: list[HostObservation], limit: int | str | None
) -> None:
    cloud, policy = three(), Policy(max_unavailable_per_domain=limit)
    told = picture(cloud)
    now = {one.host: one for one in cloud.observation.hosts}
    for one in seen:
        told.note(one)
        now[one.host] = remember(one, now[one.host])
    whole = make_view(Observation(hosts=tuple(now.values())), cloud.catalog, cloud.topology)
    for service, members in whole.members.items():
        for host in (one.host for one in members):
            found = list(told.budgets(service, host, policy))
            wanted = [
                make_budget(whole, service, policy),
                make_domain_budget(whole, service, host, policy),
            ]
            assert list(map(by_host, found)) == [by_host(one) for one in wanted if one]


def by_host(budget: Budget) -> Budget:
    """The budget with its members in the order of their hosts."""
    return replace(budget, down=tuple(sorted(budget.down, key=lambda one: one.host)))


def test_those_not_seen_for_longest_are_looked_at_next() -> None:
    cloud = Cloud(entry("a"))
    for number in range(9):
        cloud.host(f"compute-{number}", stale("a"))
    told = picture(cloud)
    assert told.to_look_at(["a"], 2) == ("compute-0", "compute-1")
    for name in ("compute-0", "compute-2"):
        told.note(replace(cloud.seen[0], host=name, taken_at=5.0))
    assert told.to_look_at(["a"], 2) == ("compute-1", "compute-3")
    told.note(HostObservation(host="compute-1", instances=(failed("a"),)))
    assert told.to_look_at(["a"], 2) == ("compute-3", "compute-4", "compute-1")
    told.note(HostObservation(host="compute-1", instances=(failed("a"),), taken_at=6.0))
    assert told.to_look_at(["a", "b"], 9)[-1] == "compute-1"


def test_who_never_answered_is_always_looked_at_until_it_does() -> None:
    cloud = Cloud(entry("a"), entry("b", runs_on=())).host("compute-0", stale("a"))
    for name in ("compute-1", "compute-2"):
        cloud.host(name)
        cloud.seen[-1] = HostObservation(host=name, reachable=False)
    told = picture(cloud)
    assert told.to_look_at(["b"], 1) == ("compute-1",)
    told.note(replace(cloud.seen[1], taken_at=3.0))
    assert told.to_look_at(["b"], 1) == ("compute-2",)
    told.note(HostObservation(host="compute-2", instances=(fresh("a"),)))
    assert told.to_look_at(["b"], 9) == ("compute-1",)


def test_a_host_alone_and_two_together_are_seen_as_a_plan_sees_them() -> None:
    told = picture(three())
    assert list(told.view("compute-1").seen) == ["compute-1"]
    assert list(told.view("compute-1", "compute-0").members["each"]) == [
        *told.view("compute-1").members["each"],
        *told.view("compute-0").members["each"],
    ]
    assert told.knows("compute-2")
    assert not told.knows("compute-3")
    assert (told.domain("compute-0"), told.domain("compute-2")) == ("east", None)


def test_a_host_that_fell_silent_keeps_its_services_in_an_unknown_state() -> None:
    base = HostObservation(host="h", instances=(fresh("a"), stopped("b"), job("c")))
    known = remember(HostObservation(host="h", reachable=False), base)
    assert [one.state for one in known.instances] == [
        InstanceState.UNKNOWN,
        InstanceState.STOPPED,
        InstanceState.SCHEDULED,
    ]
    answer = HostObservation(host="h")
    assert remember(answer, base) is answer


def test_of_a_host_that_never_answered_nothing_is_remembered() -> None:
    silent = HostObservation(host="h", reachable=False)
    assert remember(silent, replace(silent, taken_at=1.0)) is silent
