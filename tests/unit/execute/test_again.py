"""`insvc.execute.again`: what arrived while a run went on and has to be followed up."""

from dataclasses import replace

import pytest

from insvc.execute.again import follow_up_name, stale_again, to_follow_up, wants_follow_up
from insvc.execute.records import created, ended, patch_asked, step_ended, step_started
from insvc.execute.run import Record, RecordKind
from insvc.execute.state import Run, replay
from insvc.execute.verify import Judgement
from insvc.model.act import PackageChange
from insvc.model.observation import Observation
from insvc.model.words import Action, Outcome
from insvc.plan.plan import Plan
from insvc.plan.policy import Policy
from tests.fakes.cloud import host, instance, step

MERGE = Policy(on_second_patch="merge")
BEGUN = Record(kind=RecordKind.CONTROLLER_STARTED, at=0.0, body={"pid": 1, "epoch": 1})
ASKED = PackageChange(package="c", from_version="1", to_version="2", path="/c.deb")


def run(policy: Policy = MERGE, *, outcome: str = "succeeded") -> Run:
    """A run that has restarted a, left the job alone, and failed with b."""
    steps = (step("a@h1"), step("job@h1", action=Action.NEXT_RUN), step("b@h1"))
    ends = {
        "a@h1": Outcome.RESTARTED,
        "job@h1": Outcome.NEXT_RUN,
        "b@h1": Outcome.FAILED,
    }
    records = [
        created(Plan(steps=steps, policy=policy), at=0.0, patch={}, stale_before=3),
        BEGUN,
        patch_asked({"h1": (ASKED,)}, at=1.0),
    ]
    for name, how in ends.items():
        records += [
            step_started(name, 1, at=2.0, because="planned"),
            step_ended(name, 1, Judgement(outcome=how, why=""), at=3.0),
        ]
    return replay("r", [*records, ended(outcome, "", at=4.0, rollback=False)])


def test_only_a_run_that_ended_well_and_merges_is_followed_up() -> None:
    assert wants_follow_up(run())
    assert not wants_follow_up(run(outcome="failed"))
    assert not wants_follow_up(run(Policy()))
    assert follow_up_name("r") == "r-follow-up"


def test_what_was_restarted_and_is_stale_once_more_is_named() -> None:
    seen = Observation(hosts=(host("h1", *map(instance, ("a", "b", "job", "x"))), host("h2")))
    assert stale_again(run(), seen) == ("a@h1",)
    fresh = Observation(hosts=(host("h1", instance("a", stale=False)),))
    assert stale_again(run(), fresh) == ()


def test_what_a_swact_started_afresh_is_named_on_the_host_that_has_it_now() -> None:
    swact = step("swact@h1", service="", action=Action.SWACT, to_host="h2", cures=("a",))
    records = [
        created(Plan(steps=(swact,), policy=MERGE), at=0.0, patch={}, stale_before=1),
        BEGUN,
        step_started("swact@h1", 1, at=2.0, because="planned"),
        step_ended("swact@h1", 1, Judgement(outcome=Outcome.DONE, why=""), at=3.0),
    ]
    seen = Observation(hosts=(host("h1", instance("a")), host("h2", *map(instance, ("a", "b")))))
    assert stale_again(replay("r", records), seen) == ("a@h2",)


@pytest.mark.parametrize(
    ("where", "is_stale", "expected"),
    [("h1", True, ("c@h1",)), ("h1", False, ()), ("h2", True, ())],
)
def test_what_the_packages_deliver_is_followed_up_where_they_went(
    where: str, is_stale: bool, expected: tuple[str, ...]
) -> None:
    seen = Observation(hosts=(host(where, instance("c", stale=is_stale)),))
    assert to_follow_up(run(), seen) == expected


def test_both_kinds_are_followed_up_in_the_order_of_the_hosts() -> None:
    seen = Observation(hosts=(host("h1", instance("c"), instance("a"), instance("x")),))
    assert to_follow_up(run(), seen) == ("c@h1", "a@h1")
    assert to_follow_up(replace(run(), asked=()), seen) == ("a@h1",)
