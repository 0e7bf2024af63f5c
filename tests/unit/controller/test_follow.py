"""A patch that arrives while a run goes on, under the policy `merge`."""

import asyncio
from pathlib import Path

import pytest

from insvc.controller.executor import resume_run, start_run
from insvc.controller.follow import followers, is_follow_up_due
from insvc.controller.patches import Installation, install, patches_of
from insvc.controller.runs import read_run
from insvc.errors import InputError, StaleEpoch
from insvc.plan.plan import Plan
from tests.fakes.cloud import Scene, host, instance, plan_for, scene, step
from tests.fakes.journal import Killed

FILES = {"a": ("1.0-3", "/packages/a_1.0-3_all.deb")}


@pytest.fixture
def made(tmp_path: Path) -> Scene:
    one = scene([host("h1", instance("a", 1), instance("b", 2)), host("h2", instance("a", 3))])
    one.directory = tmp_path
    return one


def planned(made: Scene, policy: str = "merge") -> Plan:
    steps = (step("a@h1"), step("a@h2", "a@h1"), step("b@h1", "a@h2"))
    return plan_for(made.cloud, *steps, on_second_patch=policy)


async def patched_meanwhile(
    made: Scene, plan: Plan, at: str, files: dict[str, tuple[str, str]] = FILES
) -> tuple[object, object]:
    """The run, and the installation that arrives while it is at that step."""
    begun = asyncio.Event()
    also = made.cloud.on_act

    def begin(name: str) -> None:
        also(name)
        if name == at:
            begun.set()

    made.cloud.on_act = begin
    running = asyncio.create_task(start_run(made.world(), plan, progress=made.progress))
    await begun.wait()
    arriving = install(made.world(), files, progress=made.progress)
    one, two = await asyncio.gather(running, arriving, return_exceptions=True)
    return one, two


def test_what_arrives_is_installed_after_the_runs_own_steps_and_a_run_follows(made: Scene) -> None:
    run, done = asyncio.run(patched_meanwhile(made, planned(made), "a@h2"))
    assert isinstance(done, Installation)
    assert done.left_to == run
    follower = read_run(made.world(), f"{run}-follow-up")
    assert (follower.follows, follower.state) == (run, "succeeded")
    assert made.cloud.order == ["a@h1", "a@h2", "b@h1", "a@h1", "a@h2"]
    assert {name: len(of) for name, of in follower.patch.items()} == {"h1": 1, "h2": 1}
    assert len(patches_of(made.world())) == 1
    assert f"run {run} is followed up by run {run}-follow-up" in made.progress.lines
    assert not is_follow_up_due(made.world(), read_run(made.world(), str(run)))
    assert [one.run for one in followers(made.world(), str(run))] == [follower.run]
    assert followers(made.world(), follower.run) == ()


def test_packages_that_are_older_are_left_to_nobody(made: Scene) -> None:
    older = {"a": ("0.9-1", "/packages/a_0.9-1_all.deb")}
    run, done = asyncio.run(patched_meanwhile(made, planned(made), "a@h2", older))
    assert isinstance(done, Installation)
    assert done.patch == {}
    assert [one.run for one in made.journal.runs()] == [run]


def test_what_was_replaced_behind_its_back_is_restarted_once_more(made: Scene) -> None:
    def replace_again(name: str) -> None:
        if name == "b@h1":
            made.cloud.hosts["h2"] = host("h2", instance("a", 77))

    made.cloud.on_act = replace_again
    run = asyncio.run(start_run(made.world(), planned(made), progress=made.progress))
    follower = read_run(made.world(), f"{run}-follow-up")
    assert [one.id for one in follower.plan.steps] == ["a@h2"]
    assert made.cloud.hosts["h2"].instances[0].verdict == "current"


def test_without_merge_nothing_follows(made: Scene) -> None:
    made.cloud.on_act = lambda name: (
        made.cloud.hosts.update({"h2": host("h2", instance("a", 77))}) if name == "b@h1" else None
    )
    asyncio.run(start_run(made.world(), planned(made, "queue"), progress=made.progress))
    assert len(made.journal.runs()) == 1


def test_under_queue_the_packages_wait_and_are_in_place_afterwards(made: Scene) -> None:
    run, done = asyncio.run(patched_meanwhile(made, planned(made, "queue"), "a@h2"))
    assert isinstance(done, Installation)
    assert (done.left_to, sorted(done.patch)) == (None, ["h1", "h2"])
    assert made.cloud.order == ["a@h1", "a@h2", "b@h1"]
    assert f"waits until run {run} has ended" in made.progress.lines


def test_a_run_that_failed_leaves_the_packages_alone_and_says_so(made: Scene) -> None:
    made.cloud.fail.add("b@h1")
    run, _ = asyncio.run(patched_meanwhile(made, planned(made), "a@h2"))
    assert (len(made.journal.runs()), made.cloud.installed) == (1, [])
    said = f"the packages that arrived during run {run} were not installed: it ended failed"
    assert any(line.startswith(said) for line in made.progress.lines)


def test_packages_that_cannot_be_installed_end_the_following_in_words(made: Scene) -> None:
    made.cloud.refuses_install.add("h1")
    run, _ = asyncio.run(patched_meanwhile(made, planned(made), "a@h2"))
    assert len(made.journal.runs()) == 1
    assert any(f"run {run} is not followed up: h1: dpkg" in one for one in made.progress.lines)


def test_a_newer_controller_stops_the_following(made: Scene) -> None:
    def overtake() -> None:
        made.journal._epoch = 99

    made.cloud.on_install = overtake
    fault, _ = asyncio.run(patched_meanwhile(made, planned(made), "a@h2"))
    assert isinstance(fault, StaleEpoch)
    assert len(made.journal.runs()) == 1


def test_a_controller_that_died_before_the_following_is_resumed_into_it(made: Scene) -> None:
    made.cloud.on_install = _die
    run, _ = asyncio.run(_until_killed(made))
    made.cloud.on_install = lambda: None
    made.crash()
    told = read_run(made.world(), run)
    assert (told.state, is_follow_up_due(made.world(), told)) == ("succeeded", True)
    asyncio.run(resume_run(made.world(), run, progress=made.progress))
    assert read_run(made.world(), f"{run}-follow-up").state == "succeeded"
    with pytest.raises(InputError, match="what has ended is not resumed"):
        asyncio.run(resume_run(made.world(), run, progress=made.progress))


def _die() -> None:
    raise Killed


async def _until_killed(made: Scene) -> tuple[str, object]:
    begun = asyncio.Event()
    made.cloud.on_act = lambda name: begun.set() if name == "a@h2" else None
    running = asyncio.ensure_future(_survive(made))
    await begun.wait()
    done = await install(made.world(), FILES, progress=made.progress)
    await running
    return made.journal.runs()[0].run, done


async def _survive(made: Scene) -> None:
    with pytest.raises(Killed):
        await start_run(made.world(), planned(made), progress=made.progress)


def test_a_person_who_stops_the_run_is_not_kept_by_the_following(made: Scene) -> None:
    made.cloud.on_act = lambda name: made.interrupt() if name == "b@h1" else None
    run, _ = asyncio.run(patched_meanwhile(made, planned(made), "a@h2"))
    assert made.cloud.installed == []
    asyncio.run(resume_run(made.world(), str(run), progress=made.progress))
    assert read_run(made.world(), f"{run}-follow-up").state == "succeeded"
