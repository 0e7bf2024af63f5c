"""What users notice while a whole host is acted on."""

import asyncio
from dataclasses import replace

import pytest

from insvc.controller.executor import start_run
from insvc.controller.front_watch import FrontWatch, watch_of
from insvc.controller.outages import Watch
from insvc.controller.session import Session, StopWish
from insvc.execute.run import RecordKind
from insvc.model.words import Action, InstanceState, Redundancy, Role
from insvc.plan.plan import Plan, Step
from insvc.plan.policy import Policy
from insvc.ports import Outage
from tests.fakes.cloud import Scene, host, instance, scene, step

SWACT = Step(id="swact@h1", host="h1", action=Action.SWACT, to_host="h2")


def pair() -> Scene:
    made = scene(
        [
            host("h1", instance("a", 1, endpoint="h1:a"), instance("b", 2, endpoint="h1:b")),
            host(
                "h2",
                instance("a", state=InstanceState.STOPPED, endpoint="h2:a"),
                instance("b", state=InstanceState.STOPPED, endpoint="h2:b"),
            ),
        ],
        active_only=("a", "b"),
    )
    for name, role in (("h1", Role.ACTIVE), ("h2", Role.STANDBY)):
        made.cloud.hosts[name] = replace(made.cloud.hosts[name], role=role)
    entries = (replace(one, redundancy=Redundancy.ACTIVE_STANDBY) for one in made.catalog.entries)
    made.catalog = replace(made.catalog, entries=tuple(entries))
    return made


def swact(made: Scene) -> dict[str, object]:
    run = asyncio.run(start_run(made.world(), Plan(steps=(SWACT,)), progress=made.progress))
    ends = [one for one in made.journal.records(run) if one.kind is RecordKind.STEP_ENDED]
    return dict(ends[0].body)


def out(start: float, end: float | None) -> tuple[Outage, ...]:
    return (Outage(from_at=start, until_at=end, resolution_s=0.01),)


def test_only_host_acts_watch_the_front() -> None:
    made = pair()
    session = Session(made.world(), "r", 1, made.progress, StopWish())
    assert isinstance(watch_of(session, SWACT), FrontWatch)
    assert type(watch_of(session, step("a@h1"))) is Watch


def test_the_longest_outage_of_a_service_that_moves_is_what_the_swact_costs() -> None:
    made = pair()
    now = made.clock.now()
    made.prober.sees = {
        "h1:a": out(now - 5.0, None),
        "h2:a": out(now - 9.0, now - 3.0),
        "h1:b": out(now - 5.0, None),
        "h2:b": out(now - 9.0, now - 4.5),
    }
    end = swact(made)
    assert end["outcome"] == "done"
    assert end["outage_s"] == pytest.approx(2.0)
    assert end["outages"] == [{"from_at": now - 5.0, "until_at": now - 3.0, "resolution_s": 0.01}]
    assert {one.endpoint for one in made.prober.ever} == {"h1:a", "h2:a", "h1:b", "h2:b"}
    assert made.prober.watched == {}


def test_what_answers_nowhere_when_the_watch_ends_is_out_still() -> None:
    made = pair()
    now = made.clock.now()
    made.prober.sees = {"h1:a": out(now - 1.0, None), "h2:a": out(now - 2.0, None)}
    assert swact(made)["outages"] == [
        {"from_at": now - 1.0, "until_at": None, "resolution_s": 0.01}
    ]


def test_a_front_that_never_failed_costs_nothing() -> None:
    end = swact(pair())
    assert (end["outage_s"], end["outages"]) == (0.0, [])


def test_without_an_active_host_nothing_is_measured() -> None:
    made = scene([replace(host("h1", role=Role.STANDBY), locked=True)])
    unlock = Step(id="unlock@h1", host="h1", action=Action.UNLOCK)
    plan = Plan(steps=(unlock,), policy=Policy(unlock=("h1",)))
    run = asyncio.run(start_run(made.world(), plan, progress=made.progress))
    assert made.prober.ever == []
    assert made.journal.records(run)[-2].body["outage_s"] is None


@pytest.mark.parametrize(("fault", "verb"), [("is_broken", "is"), ("dies", "was")])
def test_a_prober_that_fails_is_told_and_does_no_harm(fault: str, verb: str) -> None:
    made = pair()
    setattr(made.prober, fault, True)
    end = swact(made)
    assert (end["outcome"], end["outage_s"]) == ("done", None)
    assert any(f"swact@h1: its outage {verb} not measured" in one for one in made.progress.lines)


def test_to_begin_or_end_twice_changes_nothing() -> None:
    made = pair()
    watch = watch_of(Session(made.world(), "r", 1, made.progress, StopWish()), SWACT)

    async def story() -> None:
        for _ in range(2):
            await watch.begin()
        for _ in range(2):
            await watch.end()

    asyncio.run(story())
    assert len(made.prober.ever) == 4
    assert watch.outage_s == 0.0
