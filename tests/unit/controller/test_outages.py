import asyncio

from insvc.controller.outages import Watch
from insvc.controller.session import Session, StopWish
from insvc.plan.plan import Step
from insvc.ports import Outage
from tests.fakes.cloud import Scene, host, scene

STEP = Step(id="a@h1", host="h1", endpoint="127.0.0.1:80", probe_path="/healthz")


def watched(step: Step = STEP, *, twice: bool = False, **faults: bool) -> tuple[Scene, Watch]:
    made = scene([host("h1")])
    for name, is_so in faults.items():
        setattr(made.prober, name, is_so)
    now = made.clock.now()
    made.prober.sees["127.0.0.1:80"] = (
        Outage(from_at=now - 3.0, until_at=now - 2.5, resolution_s=0.01),
        Outage(from_at=now - 1.0, until_at=None, resolution_s=0.01),
    )
    watch = Watch(Session(made.world(), "r1", 1, made.progress, StopWish()), step)

    async def story() -> None:
        for _ in range(2 if twice else 1):
            await watch.begin()
        for _ in range(2 if twice else 1):
            await watch.end()

    asyncio.run(story())
    return made, watch


def test_an_outage_that_lasts_counts_up_to_now() -> None:
    made, watch = watched()
    assert watch.outage_s == 1.5
    assert watch.outages is not None
    assert [one["until_at"] for one in watch.outages] == [made.clock.now() - 2.5, None]


def test_the_target_is_named_by_run_and_step() -> None:
    made, _ = watched()
    (target,) = made.prober.ever
    assert (target.name, target.path) == ("r1/a@h1", "/healthz")


def test_to_begin_or_end_twice_changes_nothing() -> None:
    made, watch = watched(twice=True)
    assert len(made.prober.ever) == 1
    assert watch.outage_s == 1.5


def test_a_step_without_an_endpoint_is_not_watched() -> None:
    made, watch = watched(Step(id="a@h1", host="h1"))
    assert made.prober.ever == []
    assert watch.outage_s is None


def test_a_prober_that_cannot_watch_is_told_and_does_no_harm() -> None:
    made, watch = watched(is_broken=True)
    assert watch.outages is None
    assert made.progress.lines == ["a@h1: its outage is not measured: the prober: does not answer"]


def test_a_prober_that_dies_is_told_and_does_no_harm() -> None:
    made, watch = watched(dies=True)
    assert watch.outages is None
    assert "was not measured" in made.progress.lines[0]


def test_what_does_not_cover_the_act_is_forgotten() -> None:
    _, watch = watched()
    watch.forget()
    assert (watch.outage_s, watch.outages) == (None, None)


def test_what_nobody_could_ask_is_out_as_long_as_its_manager_stamped() -> None:
    _, watch = watched(Step(id="a@h1", host="h1"))
    watch.take({"asked": 9.0, "stopped": 10.0, "ready": 10.75, "ended": 12.0})
    assert watch.outage_s == 0.75
    assert watch.outages == ({"from_at": 10.0, "until_at": 10.75, "resolution_s": 0.0},)


def test_what_was_seen_from_outside_counts_before_any_stamp() -> None:
    _, watch = watched()
    watch.take({"stopped": 10.0, "ready": 20.0})
    assert watch.outage_s == 1.5


def test_stamps_that_are_not_whole_tell_nothing() -> None:
    _, watch = watched(Step(id="a@h1", host="h1"))
    watch.take({"stopped": 10.0, "ended": 11.0})
    assert watch.outage_s is None
