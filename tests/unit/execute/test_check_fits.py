from dataclasses import replace

import pytest

from insvc.execute.check_fits import check_fits, plan_faults
from insvc.model.observation import HostObservation, Instance, Observation
from insvc.model.topology import Host, Topology
from insvc.model.words import Action, InstanceState, Personality, Role, Verdict
from insvc.plan.plan import Plan, Step
from tests.fakes.cloud import host, identity, instance

TOPOLOGY = Topology(
    hosts=tuple(Host(name=name, personality=Personality.CONTROLLER) for name in ("h1", "h2"))
)
RESTART = Step(id="a@h1", host="h1", service="a", expects=(identity(1),))


def misfits(*steps: Step, one: HostObservation, two: HostObservation | None = None) -> str:
    other = two or host("h2", role=Role.STANDBY)
    plan = Plan(steps=tuple(replace(step, start_s=float(at)) for at, step in enumerate(steps)))
    return "; ".join(check_fits(plan, Observation(hosts=(one, other)), TOPOLOGY))


def act(action: Action, where: str = "h1", to_host: str | None = None) -> Step:
    return Step(id=f"{action}@{where}", host=where, action=action, to_host=to_host)


def test_a_plan_fits_what_it_was_made_for() -> None:
    assert misfits(RESTART, one=host("h1", instance("a", 1))) == ""


def test_what_was_restarted_meanwhile_and_is_current_is_no_misfit() -> None:
    assert misfits(RESTART, one=host("h1", instance("a", 9, stale=False))) == ""


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (instance("a", 9), "runs as pid 9 and is stale, the plan was made for pid 1"),
        (instance("a", 9, verdict=Verdict.SUSPECT), "is suspect"),
        (instance("a", state=InstanceState.FAILED), "is failed now"),
        (instance("a", state=InstanceState.STOPPED), "is stopped now"),
        (instance("b", 1), "knows a any more"),
    ],
)
def test_what_changed_is_said_in_words(now: Instance, words: str) -> None:
    found = misfits(RESTART, one=host("h1", now))
    assert found.startswith("a@h1: ")
    assert words in found


def test_a_step_that_expects_nothing_fits_anything_its_manager_knows() -> None:
    step = replace(RESTART, expects=())
    assert misfits(step, one=host("h1", instance("a", state=InstanceState.FAILED))) == ""


def test_an_instance_without_processes_is_left_to_its_step() -> None:
    assert misfits(RESTART, one=host("h1", instance("a"))) == ""


def test_a_host_that_does_not_answer_is_a_misfit() -> None:
    found = misfits(RESTART, one=HostObservation(host="h1", reachable=False))
    assert found == "a@h1: h1 does not answer"


def test_a_host_of_another_cloud_is_a_misfit() -> None:
    step = replace(RESTART, host="h9")
    assert "no host h9" in misfits(step, one=host("h1"))


def test_roles_move_with_the_swacts_of_the_plan() -> None:
    active = host("h1", role=Role.ACTIVE)
    there, back = act(Action.SWACT, "h1", "h2"), act(Action.SWACT, "h2", "h1")
    assert misfits(there, back, one=active) == ""
    found = misfits(back, one=active)
    assert found == "swact@h2: h2 is standby, the plan was made for it active"


def test_a_swact_to_nowhere_is_a_misfit() -> None:
    found = misfits(act(Action.SWACT, "h1", "h9"), one=host("h1", role=Role.ACTIVE))
    assert found == "swact@h1: this cloud has no host h9"


def test_a_swact_of_a_host_without_a_role_is_a_misfit() -> None:
    found = misfits(act(Action.SWACT, "h1", "h2"), one=host("h1"))
    assert "neither active nor standby" in found


def test_locks_move_with_the_plan() -> None:
    lock, unlock = act(Action.LOCK), act(Action.UNLOCK)
    assert misfits(lock, unlock, one=host("h1")) == ""
    assert misfits(unlock, one=host("h1")) == "unlock@h1: h1 is not locked already"
    locked = replace(host("h1"), locked=True)
    assert misfits(lock, one=locked) == "lock@h1: h1 is locked already"


def test_a_sound_plan_has_no_faults() -> None:
    later = Step(id="b@h1", host="h1", service="b", after=("a@h1",))
    last = Step(id="c@h1", host="h1", service="c", after=("a@h1", "b@h1"))
    assert plan_faults(Plan(steps=(RESTART, later, last))) == ()
    assert plan_faults(Plan()) == ()


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ((RESTART, RESTART), "step a@h1: occurs more than once"),
        ((replace(RESTART, after=("z",)),), "waits for z, which is no step"),
        ((replace(RESTART, after=("a@h1",)),), "steps wait for each other: a@h1"),
        ((replace(RESTART, action=Action.NONE),), "its action is none"),
        ((act(Action.SWACT),), "must name the host that becomes active"),
        ((replace(RESTART, service=""),), "a restart must name a service"),
        ((replace(RESTART, timeout_s=0.0),), "its timeout and dwell"),
    ],
)
def test_a_plan_that_nobody_could_carry_out_is_told_why(
    steps: tuple[Step, ...], words: str
) -> None:
    assert any(words in fault for fault in plan_faults(Plan(steps=steps)))


def test_every_fault_is_told_at_once() -> None:
    both = (replace(RESTART, after=("z",), timeout_s=-1.0), act(Action.SWACT))
    assert len(plan_faults(Plan(steps=both))) == 3


def test_a_host_must_be_both_in_the_topology_and_seen() -> None:
    step = replace(RESTART, id="a@h9", host="h9")
    stranger = host("h9", instance("a", 1))
    word = "a@h9: this cloud has no host h9"
    assert misfits(step, one=host("h1"), two=stranger) == word
    wider = Topology(hosts=(*TOPOLOGY.hosts, Host(name="h9", personality=Personality.WORKER)))
    assert check_fits(Plan(steps=(step,)), Observation(hosts=(host("h1"),)), wider) == (word,)


def test_steps_that_occur_twice_are_told_by_name() -> None:
    steps = tuple(replace(RESTART, id=name) for name in ("b@h1", "a@h1", "b@h1", "a@h1"))
    assert plan_faults(Plan(steps=steps)) == (
        "step a@h1: occurs more than once",
        "step b@h1: occurs more than once",
    )


@pytest.mark.parametrize(
    ("timeout_s", "dwell_s", "sound"),
    [(0.5, 0.0, True), (0.0, 0.0, False), (0.5, -0.5, False), (0.5, 0.5, True)],
)
def test_a_timeout_is_above_zero_and_a_dwell_not_below(
    timeout_s: float, dwell_s: float, sound: bool
) -> None:
    step = replace(RESTART, timeout_s=timeout_s, dwell_s=dwell_s)
    assert (plan_faults(Plan(steps=(step,))) == ()) is sound


def test_steps_that_wait_for_each_other_are_listed_by_name() -> None:
    circle = (
        Step(id="b@h1", host="h1", service="b", after=("a@h1",)),
        Step(id="a@h1", host="h1", service="a", after=("b@h1",)),
    )
    assert plan_faults(Plan(steps=circle)) == ("steps wait for each other: a@h1, b@h1",)


def test_a_host_that_gave_up_its_role_cannot_give_it_up_again() -> None:
    swact = act(Action.SWACT, "h1", to_host="h2")
    found = misfits(swact, replace(swact, id="again"), one=host("h1", role=Role.ACTIVE))
    assert found == "again: h1 is standby, the plan was made for it active"


def test_what_changed_is_told_of_the_main_process() -> None:
    step = replace(RESTART, expects=(identity(1), identity(2)))
    now = instance("a", processes=(identity(9), identity(2)))
    assert misfits(step, one=host("h1", now)) == (
        "a@h1: runs as pid 9 and is stale, the plan was made for pid 1"
    )
    down = instance("a", state=InstanceState.FAILED)
    assert "the plan was made while pid 1 ran" in misfits(step, one=host("h1", down))
