"""One step through every turn it can take, on the simulated cloud."""

import asyncio
from dataclasses import replace

import pytest

from insvc.catalog.entry import ClearSessions, Command, NotWhile, ReapOrphans
from insvc.controller.executor import resume_run, start_run
from insvc.errors import RunInterrupted
from insvc.execute.records import created
from insvc.execute.run import Record, RecordKind
from insvc.execute.state import replay
from insvc.execute.steps import StepRun
from insvc.model.observation import Evidence, HostObservation
from insvc.model.words import Action, EvidenceKind, InstanceState, Outcome, Role
from insvc.plan.plan import Step
from insvc.ports import Outage
from tests.fakes.cloud import Scene, host, identity, instance, plan_for, scene, step
from tests.fakes.journal import Killed

NAME = "a@h1"


def lone(**more: object) -> tuple[Scene, Step]:
    made = scene([host("h1", instance("a", 1), instance("b", 2, stale=False))])
    return made, step(NAME, endpoint="127.0.0.1:80", probe_path="/healthz", **more)


def carry(made: Scene, *steps: Step, **policy: object) -> dict[str, StepRun]:
    plan = plan_for(made.cloud, *steps, **policy)
    run = asyncio.run(start_run(made.world(), plan, progress=made.progress))
    return dict(replay(run, made.journal.records(run)).steps)


def records(made: Scene, kind: RecordKind) -> list[Record]:
    run = made.journal.runs()[0].run
    return [one for one in made.journal.records(run) if one.kind is kind]


def reasons(made: Scene) -> list[tuple[int, str]]:
    """Attempt and cause of every intent, in order."""
    return [(one.attempt, one.body["because"]) for one in records(made, RecordKind.STEP_STARTED)]


def test_the_intent_is_written_before_the_act_with_what_ran() -> None:
    made, one = lone()
    written: list[int] = []
    made.cloud.on_act = lambda _: written.append(len(records(made, RecordKind.STEP_STARTED)))
    assert carry(made, one)[NAME].outcome is Outcome.RESTARTED
    assert written == [1]
    (intent,) = records(made, RecordKind.STEP_STARTED)
    assert intent.body["because"] == "planned"
    assert [each["pid"] for each in intent.body["before"]] == [1]
    assert intent.body["ran"] == ["a", "b"]


def test_everything_the_plan_says_reaches_the_agent() -> None:
    made, one = lone(with_dependants=True, reap="x", clear_sessions=True, timeout_s=7.0)
    (entry, *others) = made.catalog.entries
    rules = (ReapOrphans(match="x", of="a"), ClearSessions(path="/sessions"))
    restart = (Command(run="sm-restart service a"),)
    whole = replace(entry, restart=restart, special_handling=rules)
    made.catalog = replace(made.catalog, entries=(whole, *others))
    carry(made, one)
    ((_, intent),) = made.cloud.intents
    assert (intent.service, intent.attempt, intent.epoch) == ("a", 1, 1)
    assert (intent.with_dependants, intent.reap, intent.clear_sessions) == (True, "x", True)
    assert (intent.timeout_s, intent.dwell_s, intent.role) == (7.0, 1.0, None)


def test_the_outage_is_watched_from_before_the_act_to_its_end() -> None:
    made, one = lone()
    seen = (Outage(from_at=10.0, until_at=10.5, resolution_s=0.01),)
    made.prober.sees["127.0.0.1:80"] = seen
    watched: list[int] = []
    made.cloud.on_act = lambda _: watched.append(len(made.prober.watched))
    carry(made, one)
    assert watched == [1]
    assert made.prober.watched == {}
    (end,) = records(made, RecordKind.STEP_ENDED)
    assert end.body["outage_s"] == 0.5
    assert end.body["outages"] == [{"from_at": 10.0, "until_at": 10.5, "resolution_s": 0.01}]


def test_what_is_current_already_ends_without_an_act() -> None:
    made, one = lone()
    made.cloud.hosts["h1"] = host("h1", instance("a", 9, stale=False))
    told = carry(made, replace(one, expects=instance("a", 1).processes))[NAME]
    assert (told.outcome, told.attempt) == (Outcome.ALREADY_CURRENT, 0)
    (end,) = records(made, RecordKind.STEP_ENDED)
    assert [each["pid"] for each in end.body["after"]] == [9]
    assert not made.cloud.order


def test_a_host_act_that_the_host_already_shows_ends_without_an_act() -> None:
    made = scene([host("h1", role=Role.STANDBY), host("h2", role=Role.ACTIVE)])
    lock = Step(id="lock@h1", host="h1", action=Action.LOCK)
    unlock = Step(id="unlock@h1", host="h1", action=Action.UNLOCK, after=("lock@h1",))
    swact = Step(id="swact@h2", host="h2", action=Action.SWACT, to_host="h1", after=("unlock@h1",))
    told = carry(made, lock, unlock, swact)
    assert {name: one.outcome for name, one in told.items()} == {
        "lock@h1": Outcome.DONE,
        "unlock@h1": Outcome.DONE,
        "swact@h2": Outcome.DONE,
    }
    assert made.cloud.order == ["lock@h1", "unlock@h1", "swact@h2", "swact@h1"]
    assert [intent.role for _, intent in made.cloud.intents] == [None, None, "standby", "active"]


def test_a_swact_whose_first_half_fails_does_not_try_the_second() -> None:
    made = scene([host("h1", role=Role.STANDBY), host("h2", role=Role.ACTIVE)])
    made.cloud.fail.add("swact@h2")
    swact = Step(id="swact@h2", host="h2", action=Action.SWACT, to_host="h1")
    assert carry(made, swact)["swact@h2"].outcome is Outcome.FAILED
    assert made.cloud.order == ["swact@h2"]


@pytest.mark.parametrize("fault", ["breaks_before", "breaks_after", "dies_during"])
@pytest.mark.parametrize("where", ["swact@h1", "swact@h2"])
def test_a_swact_survives_an_agent_that_fails_in_either_half(fault: str, where: str) -> None:
    made = scene(
        [host("h1", instance("a"), role=Role.STANDBY), host("h2", role=Role.ACTIVE)],
    )
    getattr(made.cloud, fault).add(where)
    swact = Step(id="swact@h2", host="h2", action=Action.SWACT, to_host="h1")
    assert carry(made, swact)["swact@h2"].outcome is Outcome.DONE
    assert made.cloud.hosts["h1"].role is Role.ACTIVE
    assert made.cloud.hosts["h2"].role is Role.STANDBY


def test_a_swact_that_nobody_ever_sees_through_is_unknown_in_the_end() -> None:
    made = scene([host("h1", role=Role.STANDBY), host("h2", role=Role.ACTIVE)])
    made.cloud.on_act = lambda name: made.cloud.dies_during.add(name)
    swact = Step(id="swact@h2", host="h2", action=Action.SWACT, to_host="h1")
    told = carry(made, swact)["swact@h2"]
    assert (told.outcome, told.attempt) == (Outcome.UNKNOWN, 3)
    assert "3 acts were cut short" in told.why


def test_a_host_that_is_silent_for_a_while_before_the_step_is_waited_for() -> None:
    made, one = lone()
    made.cloud.hosts["h2"] = host("h2", instance("c", 5))
    made.cloud.on_act = lambda name: _silence(made, 3.0, "h2") if name == NAME else None
    told = carry(made, one, step("c@h2", NAME))
    assert {each.outcome for each in told.values()} == {Outcome.RESTARTED}


def _silence(made: Scene, seconds: float, where: str = "h1") -> None:
    made.cloud.answers_after[where] = made.clock.now() + seconds


def test_a_host_that_stays_silent_before_the_step_makes_it_unknown_without_an_act() -> None:
    made, one = lone()
    made.cloud.hosts["h2"] = host("h2", instance("c", 5))
    made.cloud.on_act = lambda _: made.cloud.answers_after.update({"h2": 1e12})
    told = carry(made, one, step("c@h2", NAME))["c@h2"]
    assert (told.outcome, told.attempt) == (Outcome.UNKNOWN, 0)
    assert told.why == "nothing was done: h2 does not answer"


def test_an_answer_that_broke_off_is_recalled_from_the_ledger() -> None:
    made, one = lone()
    made.cloud.breaks_after.add(NAME)
    assert carry(made, one)[NAME].outcome is Outcome.RESTARTED
    assert reasons(made) == [(1, "planned")]
    (lost,) = records(made, RecordKind.STEP_LOST)
    assert "connection broke" in lost.body["why"]
    assert made.cloud.restarts[NAME] == 1


def test_a_lost_step_has_no_measured_outage() -> None:
    made, one = lone()
    made.cloud.breaks_after.add(NAME)
    carry(made, one)
    (end,) = records(made, RecordKind.STEP_ENDED)
    assert end.body["outage_s"] is None


def test_an_act_that_the_agent_never_saw_is_asked_for_again_as_the_same_attempt() -> None:
    made, one = lone()
    made.cloud.breaks_before.add(NAME)
    assert carry(made, one)[NAME].outcome is Outcome.RESTARTED
    assert reasons(made) == [(1, "planned"), (1, "never-begun")]


def test_an_agent_that_never_sees_the_act_is_given_up() -> None:
    made, one = lone()
    made.cloud.on_act = lambda name: made.cloud.breaks_before.add(name)
    told = carry(made, one)[NAME]
    assert told.outcome is Outcome.UNKNOWN
    assert told.starts == 6
    assert made.cloud.restarts[NAME] == 0


def test_an_agent_that_died_in_the_act_is_followed_by_a_further_attempt() -> None:
    made, one = lone()
    made.cloud.dies_during.add(NAME)
    assert carry(made, one)[NAME].outcome is Outcome.RESTARTED
    assert reasons(made) == [(1, "planned"), (2, "still-stale")]


def test_a_service_that_is_down_after_its_agent_died_is_started_again() -> None:
    made, one = lone()

    def die(name: str) -> None:
        made.cloud.on_act = lambda _: None
        made.cloud.dies_during.add(name)
        down = instance("a", state=InstanceState.FAILED)
        made.cloud.hosts["h1"] = host("h1", down, instance("b", 2, stale=False))

    made.cloud.on_act = die
    assert carry(made, one)[NAME].outcome is Outcome.RESTARTED
    assert reasons(made) == [(1, "planned"), (2, "down")]


def test_what_nobody_can_tell_of_is_not_restarted_once_more() -> None:
    """Its agent died in the act, and its manager is silent: it may well run, and freshly so."""
    made, one = lone()

    def die(name: str) -> None:
        made.cloud.dies_during.add(name)
        silent = instance("a", 9, state=InstanceState.UNKNOWN)
        made.cloud.hosts["h1"] = host("h1", silent, instance("b", 2, stale=False))

    made.cloud.on_act = die
    told = carry(made, one)[NAME]
    assert (told.outcome, told.attempt) == (Outcome.UNKNOWN, 1)
    assert reasons(made) == [(1, "planned")]
    (end,) = records(made, RecordKind.STEP_ENDED)
    assert "its manager does not answer" in end.body["why"]


def test_a_restart_that_went_well_although_its_agent_died_is_judged_by_what_runs() -> None:
    made, one = lone()

    def die(name: str) -> None:
        made.cloud.dies_during.add(name)
        fresh = instance("a", 9, stale=False)
        made.cloud.hosts["h1"] = host("h1", fresh, instance("b", 2, stale=False))

    made.cloud.on_act = die
    told = carry(made, one)[NAME]
    assert (told.outcome, told.attempt) == (Outcome.RESTARTED, 1)
    (end,) = records(made, RecordKind.STEP_ENDED)
    assert "inspected afterwards" in end.body["said"]


@pytest.mark.parametrize("crashes", [False, True])
def test_a_restart_that_went_on_without_its_agent_dwells_from_its_start(crashes: bool) -> None:
    made, one = lone()
    at_rest = instance("b", 2, stale=False)
    runs = [host("h1", instance("a", pid, stale=False), at_rest) for pid in (9, 10)]
    down = host("h1", instance("a", state=InstanceState.FAILED), at_rest)
    going: list[asyncio.Task[None]] = []

    async def go_on() -> None:
        for run in runs[: 1 + crashes]:
            await made.clock.sleep(0.8)
            made.cloud.hosts["h1"] = run

    def die(name: str) -> None:
        made.cloud.dies_during.add(name)
        made.cloud.hosts["h1"] = down
        going.append(asyncio.get_running_loop().create_task(go_on()))

    made.cloud.on_act = die
    told = carry(made, one)[NAME]
    assert (told.outcome, told.attempt) == (Outcome.FAILED if crashes else Outcome.RESTARTED, 1)


def test_a_restart_judged_by_what_runs_is_not_blamed_for_what_another_step_brings_back() -> None:
    made = scene([host("h1", instance("a", 1), instance("b", 2))])
    after = {
        "a@h1": instance("a", 9, stale=False),
        "b@h1": instance("b", state=InstanceState.FAILED),
    }

    def die(name: str) -> None:
        if name in after:
            made.cloud.dies_during.add(name)
            made.cloud._put("h1", after.pop(name))

    made.cloud.on_act = die
    told = carry(made, step("a@h1"), step("b@h1"))
    assert {one.outcome for one in told.values()} == {Outcome.RESTARTED}


def test_what_came_up_along_with_another_and_crashes_again_is_not_already_current() -> None:
    made = scene([host("h1", instance("a", 1), instance("b", 2))])
    made.cloud.restarts_in_dwell["b@h1"] = 1
    going: list[asyncio.Task[None]] = []

    async def crash_again() -> None:
        for pid in range(3, 60):
            made.cloud._put("h1", instance("b", pid, stale=False, restarts=pid))
            await made.clock.sleep(0.6)

    def restart_b_too(name: str) -> None:
        if name == "a@h1":
            going.append(asyncio.get_running_loop().create_task(crash_again()))

    made.cloud.on_act = restart_b_too
    told = carry(made, step("a@h1"), step("b@h1", "a@h1"))
    assert told["a@h1"].outcome is Outcome.RESTARTED
    assert told["b@h1"].outcome is Outcome.FAILED


def test_what_only_starts_yet_is_not_already_current() -> None:
    made = scene([host("h1", instance("a", 1)), host("h2", instance("c", 5))])
    starts = instance("a", 9, stale=False, state=InstanceState.STARTING)
    made.cloud.on_act = lambda name: made.cloud._put("h1", starts) if name == "c@h2" else None
    told = carry(made, step("c@h2"), step("a@h1", "c@h2"))
    assert told["a@h1"].outcome is not Outcome.ALREADY_CURRENT


def test_an_agent_that_dies_in_every_act_leaves_the_step_unknown() -> None:
    made, one = lone()
    made.cloud.on_act = lambda name: made.cloud.dies_during.add(name)
    told = carry(made, one)[NAME]
    assert (told.outcome, told.attempt) == (Outcome.UNKNOWN, 3)


def test_a_job_whose_agent_died_is_waited_for_again() -> None:
    newer = Evidence(kind=EvidenceKind.PACKAGE_NEWER, subject="job")
    job = instance("job", stale=False, state=InstanceState.SCHEDULED, evidence=(newer,))
    made = scene([host("h1", job)])
    made.cloud.dies_during.add("job@h1")
    told = carry(made, step("job@h1", action=Action.NEXT_RUN))["job@h1"]
    assert (told.outcome, told.attempt) == (Outcome.NEXT_RUN, 2)


def test_an_agent_that_never_comes_back_leaves_the_step_unknown() -> None:
    made, one = lone()

    made.cloud.on_act = lambda _: made.cloud.answers_after.update({"h1": 1e12})
    told = carry(made, one)[NAME]
    assert told.outcome is Outcome.UNKNOWN
    assert told.why.startswith("what became of it is not known: h1: does not answer")


def test_what_became_current_before_it_is_asked_again_is_left_alone() -> None:
    made, one = lone()

    def cure(name: str) -> None:
        made.cloud.breaks_before.add(name)
        made.cloud.hosts["h1"] = host("h1", instance("a", 9, stale=False))

    made.cloud.on_act = cure
    told = carry(made, one)[NAME]
    assert told.outcome is Outcome.ALREADY_CURRENT
    assert made.cloud.restarts[NAME] == 0


def test_an_act_that_was_never_seen_is_not_asked_again_in_an_aborted_run() -> None:
    made, one = lone()

    def abort(name: str) -> None:
        made.cloud.breaks_before.add(name)
        run = made.journal.runs()[0].run
        made.journal.append(run, 0, Record(kind=RecordKind.ABORT_ASKED, at=made.clock.now()))

    made.cloud.on_act = abort
    assert carry(made, one)[NAME].outcome is Outcome.SKIPPED
    assert made.cloud.restarts[NAME] == 0


def test_an_act_still_under_way_at_a_resume_is_waited_for_and_not_repeated() -> None:
    made, one = lone()
    made.cloud.kill_after.add(NAME)
    with pytest.raises(Killed):
        carry(made, one)
    made.crash()
    run = made.journal.runs()[0].run
    asyncio.run(resume_run(made.world(), run, progress=made.progress))
    assert replay(run, made.journal.records(run)).steps[NAME].outcome is Outcome.RESTARTED
    assert reasons(made) == [(1, "planned")]
    assert made.cloud.restarts[NAME] == 1


def test_a_refusal_by_the_agent_fails_the_step() -> None:
    made, one = lone()
    made.cloud.refuses[NAME] = "it is being upgraded"
    told = carry(made, one)[NAME]
    assert told.outcome is Outcome.FAILED
    assert "it is being upgraded" in told.why


def test_a_machine_that_refuses_fails_the_step_with_its_words() -> None:
    made, one = lone()
    made.cloud.breaks_down.add(NAME)
    told = carry(made, one)[NAME]
    assert told.outcome is Outcome.FAILED
    assert "no process can be started" in told.why


def test_a_stop_leaves_a_lost_step_lost() -> None:
    made, one = lone()
    made.cloud.on_act = lambda _: _silence(made, 5.0)
    made.cloud.on_silence = made.interrupt
    with pytest.raises(RunInterrupted):
        carry(made, one)
    run = made.journal.runs()[0].run
    assert replay(run, made.journal.records(run)).steps[NAME].state == "lost"
    made.cloud.on_silence = lambda: None
    made.clock.advance(10.0)
    made.cloud.on_act = lambda _: None
    asyncio.run(resume_run(made.world(), run, progress=made.progress))
    assert replay(run, made.journal.records(run)).outcome == "succeeded"


def test_a_stop_while_a_silent_host_is_waited_for_leaves_the_step_waiting() -> None:
    made, one = lone()
    made.cloud.hosts["h2"] = host("h2", instance("c", 5))
    made.cloud.on_act = lambda _: _silence(made, 1e6, "h2")
    made.cloud.on_silence = made.interrupt
    with pytest.raises(RunInterrupted):
        carry(made, one, step("c@h2", NAME))
    run = made.journal.runs()[0].run
    assert replay(run, made.journal.records(run)).steps["c@h2"] == StepRun()


def test_a_step_whose_run_was_aborted_while_its_host_was_looked_at_is_not_begun() -> None:
    made, one = lone()

    def abort(_: str) -> None:
        if made.journal.runs():
            made.cloud.on_look = lambda _: None
            run = made.journal.runs()[0].run
            made.journal.append(run, 0, Record(kind=RecordKind.ABORT_ASKED, at=made.clock.now()))

    made.cloud.on_look = abort
    assert carry(made, one)[NAME] == StepRun()
    assert made.journal.runs()[0].state == "aborted"
    assert not made.cloud.order


@pytest.mark.parametrize("revives", [True, False])
def test_what_loops_is_started_by_a_run_that_revives_at_whatever_moment(revives: bool) -> None:
    made, one = lone(expects=(identity(1),))
    made.cloud.hosts["h2"] = host("h2", instance("c", 5))
    down = host("h1", instance("a", state=InstanceState.FAILED))
    made.cloud.on_act = lambda name: made.cloud.hosts.update({"h1": down} if name != NAME else {})
    after = replace(one, after=("c@h2",))
    ended = carry(made, step("c@h2"), after, revive_failed=revives)[NAME]
    assert ended.outcome is (Outcome.RESTARTED if revives else Outcome.NOT_RUNNING)


def test_a_service_that_vanished_before_its_step_is_not_running() -> None:
    made, one = lone()
    made.cloud.hosts["h2"] = host("h2", instance("c", 5))
    made.cloud.on_act = lambda _: made.cloud.hosts.update({"h2": host("h2")})
    told = carry(made, one, step("c@h2", NAME))["c@h2"]
    assert told.outcome is Outcome.NOT_RUNNING
    assert told.why == "no manager of h2 knows c"


@pytest.mark.parametrize("where", ["swact@h1", "swact@h2"])
def test_a_swact_that_happened_although_its_agent_forgot_is_done(where: str) -> None:
    made = scene([host("h1", role=Role.STANDBY), host("h2", role=Role.ACTIVE)])
    made.cloud.forgets.add(where)
    swact = Step(id="swact@h2", host="h2", action=Action.SWACT, to_host="h1")
    told = carry(made, swact)["swact@h2"]
    assert (told.outcome, told.attempt) == (Outcome.DONE, 1)


def test_a_restart_whose_agent_forgot_is_lost_and_found_in_the_ledger() -> None:
    made, one = lone()
    made.cloud.forgets.add(NAME)
    assert carry(made, one)[NAME].outcome is Outcome.RESTARTED
    (lost,) = records(made, RecordKind.STEP_LOST)
    assert lost.body["why"] == "its agent died in the act"
    assert made.cloud.restarts[NAME] == 1


@pytest.mark.parametrize("action", [Action.LOCK, Action.UNLOCK])
def test_a_lock_that_happened_although_its_agent_died_is_done(action: Action) -> None:
    before = host("h1", role=Role.STANDBY)
    made = scene([replace(before, locked=action is Action.UNLOCK)])
    name = f"{action}@h1"

    def die(act: str) -> None:
        if act == name:
            made.cloud.dies_during.add(name)
            made.cloud.hosts["h1"] = replace(before, locked=action is Action.LOCK)

    made.cloud.on_act = die
    unlock = Step(id="unlock@h1", host="h1", action=Action.UNLOCK, after=("lock@h1",))
    first = Step(id=name, host="h1", action=action)
    told = carry(made, *((first, unlock) if action is Action.LOCK else (first,)))[name]
    assert (told.outcome, told.attempt) == (Outcome.DONE, 1)


def test_an_abort_does_not_wait_for_a_silent_host() -> None:
    made, one = lone()
    made.cloud.hosts["h2"] = host("h2", instance("c", 5))
    made.cloud.on_act = lambda _: _silence(made, 1e6, "h2")

    def abort() -> None:
        made.cloud.on_silence = lambda: None
        run = made.journal.runs()[0].run
        made.journal.append(run, 0, Record(kind=RecordKind.ABORT_ASKED, at=made.clock.now()))

    made.cloud.on_silence = abort
    began = made.clock.now()
    assert carry(made, one, step("c@h2", NAME))["c@h2"] == StepRun()
    assert made.journal.runs()[0].state == "aborted"
    assert made.clock.now() - began < 3.0


def group_of_three(*names: str) -> Scene:
    made = scene([host(name, instance("a", pid)) for pid, name in enumerate(names, 1)])
    made.cloud.hosts["h0"] = host("h0", instance("b", 9))
    return made


def test_a_host_that_leaves_stops_others_from_going_down_and_the_run_in_words() -> None:
    made = group_of_three("h1", "h2", "h3")
    made.cloud.on_act = lambda name: made.cloud.unreachable.add("h3") if name == "b@h0" else None
    told = carry(made, step("b@h0"), step("a@h1", "b@h0"), step("a@h2", "a@h1"))
    assert told["b@h0"].outcome is Outcome.RESTARTED
    assert (told["a@h1"].outcome, told["a@h1"].attempt) == (Outcome.FAILED, 0)
    assert told["a@h1"].why == (
        "nothing was done: taking a@h1 down is not allowed now: a@h3 is unknown, so 1 of 3 would "
        "be left, but law 5 (max_unavailable 1) wants 2 or more up"
    )
    assert told["a@h2"] == StepRun()
    assert made.journal.runs()[0].state == "failed"
    assert made.cloud.order == ["b@h0"]
    assert sum("a@h1 waits: nothing was done" in line for line in made.progress.lines) == 1


def test_a_member_that_comes_back_in_time_lets_the_step_go_on() -> None:
    made = group_of_three("h1", "h2")
    made.cloud.on_act = lambda name: _silence(made, 4.0, "h2") if name == "b@h0" else None
    told = carry(made, step("b@h0"), step("a@h1", "b@h0"))
    assert told["a@h1"].outcome is Outcome.RESTARTED


def test_what_only_the_plan_took_for_parallel_is_held_apart() -> None:
    made = group_of_three("h1", "h2", "h3")
    plan = plan_for(made.cloud, step("a@h1"), step("a@h2"), step("a@h3"))
    # No such run is started any more; one that was begun before is carried on with care.
    made.journal.append("old", 0, created(plan, at=0.0, patch={}, stale_before=3))
    asyncio.run(resume_run(made.world(), "old", progress=made.progress))
    told = replay("old", made.journal.records("old")).steps
    assert {one.outcome for one in told.values()} == {Outcome.RESTARTED}
    assert made.cloud.most == 1


def test_a_further_attempt_waits_for_room_too() -> None:
    made = group_of_three("h1", "h2")

    def die(name: str) -> None:
        made.cloud.on_act = lambda _: None
        made.cloud.dies_during.add(name)
        _silence(made, 5.0, "h2")

    made.cloud.on_act = die
    assert carry(made, step("a@h1"))["a@h1"].outcome is Outcome.RESTARTED
    assert reasons(made) == [(1, "planned"), (2, "still-stale")]
    assert any("a@h1 waits: not tried again: taking a@h1" in one for one in made.progress.lines)


@pytest.mark.parametrize("fault", ["breaks_before", "dies_during"])
def test_an_act_for_which_there_is_no_room_any_more_is_not_tried_again(fault: str) -> None:
    made = group_of_three("h1", "h2")

    def leave(name: str) -> None:
        getattr(made.cloud, fault).add(name)
        made.cloud.unreachable.add("h2")

    made.cloud.on_act = leave
    told = carry(made, step("a@h1"))["a@h1"]
    assert told.outcome is Outcome.FAILED
    assert told.why.startswith("not tried again: taking a@h1 down is not allowed now")
    assert made.cloud.restarts["a@h1"] == 0


def with_transaction(lasts_s: float) -> Scene:
    """What `a` must not be restarted during begins with the act on `b`."""
    made = scene([host("h0", instance("b", 1)), host("h1", instance("a", 2))])
    catalog = made.catalog
    rule = NotWhile(condition="package-transaction")
    entries = (
        replace(one, special_handling=(rule,)) if one.service("a") else one
        for one in catalog.entries
    )
    made.catalog = replace(catalog, entries=tuple(entries))

    ending: list[asyncio.Task[None]] = []

    def begin(name: str) -> None:
        if name == "b@h0":
            seen = made.cloud.hosts["h1"]
            made.cloud.hosts["h1"] = replace(seen, conditions=("package-transaction",))
            ending.append(asyncio.get_running_loop().create_task(end(seen)))

    async def end(seen: HostObservation) -> None:
        await made.clock.sleep(lasts_s)
        made.cloud.hosts["h1"] = seen

    made.cloud.on_act = begin
    return made


def test_a_package_transaction_that_begins_meanwhile_is_waited_for() -> None:
    made = with_transaction(4.0)
    told = carry(made, step("b@h0"), step("a@h1", "b@h0"))
    assert told["a@h1"].outcome is Outcome.RESTARTED
    waits = "a@h1 waits: nothing was done: a is never restarted while packages are being changed"
    assert sum(line.startswith(waits) for line in made.progress.lines) == 1


def test_a_package_transaction_that_does_not_end_leaves_the_service_as_it_was() -> None:
    made = with_transaction(10_000.0)
    told = carry(made, step("b@h0"), step("a@h1", "b@h0"))
    assert (told["a@h1"].outcome, told["a@h1"].attempt) == (Outcome.FAILED, 0)
    assert "nothing was done: a is never restarted while packages are" in str(told["a@h1"].why)
    assert made.cloud.order == ["b@h0"]
