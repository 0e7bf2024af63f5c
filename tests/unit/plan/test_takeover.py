"""`insvc.plan.takeover`: a standby that can take over, with the very same code."""

import pytest

from insvc.catalog.entry import ClearSessions, ReapOrphans
from insvc.model.observation import Instance
from insvc.model.words import InstanceState, Role
from insvc.plan.takeover import can_take_over, find_unfit, standby_of
from tests.unit.plan.pair import CHAIN, NEW, chain, giver, look, pair, taker, turns
from tests.unit.plan.sample import Cloud, entry, fresh, job, stopped


def unfit(cloud: Cloud) -> str | None:
    return find_unfit(cloud.view(), "controller-0", "controller-1", CHAIN)


def with_front(here: Instance, there: Instance) -> Cloud:
    """One more service that takes turns and is not stale."""
    return pair(turns("front"), active=giver(here), standby=taker(there))


def test_a_standby_in_reach_and_in_service_takes_over() -> None:
    assert standby_of(pair().view()) == "controller-1"
    assert standby_of(pair(standby=taker(locked=True)).view()) is None
    assert can_take_over(look(pair(), "controller-1"))
    assert not can_take_over(look(pair(), "controller-0"))
    assert not can_take_over(look(pair(standby=taker(reachable=False)), "controller-1"))


def test_the_same_packages_are_fit() -> None:
    assert unfit(pair()) is None


def test_who_is_no_standby_any_more_is_unfit() -> None:
    found = unfit(pair(standby=taker(role=Role.ACTIVE)))
    assert found == "controller-1 is no standby in reach and in service any more"


@pytest.mark.parametrize(
    ("packages", "words"),
    [
        ({**NEW, "b": "1"}, "controller-1 has b 1 and controller-0 has 2"),
        ({"a": "2"}, "which version of b is installed on controller-1 is not known"),
    ],
)
def test_other_code_is_unfit(packages: dict[str, str], words: str) -> None:
    assert unfit(pair(standby=taker(packages=packages))) == words


def test_what_nobody_knows_of_the_active_host_is_unfit() -> None:
    found = unfit(pair(active=giver(packages={})))
    assert found == "which version of a is installed on controller-0 is not known"


def test_what_is_not_stale_may_be_unknown_but_not_other() -> None:
    assert unfit(with_front(fresh("front"), stopped("front"))) is None
    cloud = with_front(fresh("front", package="front"), stopped("front"))
    assert unfit(cloud) is None
    there, of_there = taker(stopped("front"), packages={**NEW, "front": "1"})
    other = pair(
        turns("front"), active=giver(fresh("front", package="front")), standby=(there, of_there)
    )
    assert unfit(other) == "controller-1 has front 1 and controller-0 has 2"


@pytest.mark.parametrize(
    "state", [InstanceState.FAILED, InstanceState.DISABLED, InstanceState.RUNNING]
)
def test_what_is_not_at_rest_there_cannot_take_over(state: InstanceState) -> None:
    cloud = with_front(fresh("front"), Instance(service="front", state=state))
    assert unfit(cloud) == f"front@controller-1 is {state}, so it could not take over"


def test_what_is_not_there_cannot_take_over() -> None:
    cloud = pair(turns("front"), active=giver(fresh("front")))
    assert unfit(cloud) == "front@controller-1 is not there, so it could not take over"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (
            InstanceState.FAILED,
            "front@controller-0 is failed, and a swact wants all of them settled",
        ),
        (InstanceState.STARTING, "front@controller-0 is starting, and a swact wants all of them "),
        (InstanceState.STOPPED, None),
        (InstanceState.DISABLED, None),
    ],
)
def test_everything_that_takes_turns_must_be_settled(
    state: InstanceState, words: str | None
) -> None:
    found = unfit(with_front(Instance(service="front", state=state), stopped("front")))
    assert found is None if words is None else str(found).startswith(words)


def test_what_does_not_take_turns_may_be_in_any_state() -> None:
    cloud = pair(entry("poll"), active=giver(Instance(service="poll", state=InstanceState.FAILED)))
    assert unfit(cloud) is None


def test_a_job_in_the_middle_of_a_run_is_not_cut_short() -> None:
    running = job("purge", state=InstanceState.RUNNING, evidence=())
    cloud = pair(entry("purge"), active=giver(running))
    assert unfit(cloud) == "purge@controller-0 is a job in the middle of a run"
    # One that has to start afresh is waited for by its own step.
    for calm in (job("purge"), job("purge", state=InstanceState.RUNNING)):
        assert unfit(pair(entry("purge"), active=giver(calm))) is None


def test_sessions_and_orphans_want_more_than_a_swact() -> None:
    sessions = chain(special_handling=(ClearSessions(path="/x"),))
    assert str(unfit(pair(*sessions))).startswith("stored sessions are deleted when c is restarted")
    own = chain(special_handling=(ReapOrphans(match="x", of="c"),))
    assert str(unfit(pair(*own))).startswith("its orphans are ended when c is restarted")
    others = chain(special_handling=(ReapOrphans(match="x", of="other"),))
    assert unfit(pair(*others)) is None
