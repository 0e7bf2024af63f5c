"""Whether systemd may be asked, when, and what its answer means."""

from dataclasses import replace

import pytest

from insvc.inspect.systemd_order import (
    is_other_incarnation,
    is_settled,
    refusal,
    times_of,
    verdict_on_job,
    wait_s,
    was_drained,
)
from insvc.inspect.systemd_unit import UnitFacts
from insvc.model.words import Action

UP = UnitFacts(
    name="a.service",
    load="loaded",
    active="active",
    sub="running",
    invocation="one",
    cgroup="/a",
    stop_limit_s=90.0,
    left_at=1.0,
    began_at=2.0,
    main_at=2.5,
    ready_at=3.0,
)
MASTER = replace(
    UP,
    can_reload=True,
    start=(("/usr/sbin/haproxy", "-Ws"),),
    reload=(("/bin/kill", "-USR2", "$MAINPID"),),
)


def reason(facts: UnitFacts, action: Action = Action.RESTART) -> str:
    refused = refusal(facts, action)
    return refused[0] if refused else ""


def test_what_runs_may_be_restarted() -> None:
    assert refusal(UP, Action.RESTART) is None
    assert refusal(replace(UP, active="failed"), Action.RESTART) is None


def test_what_could_not_start_again_is_not_stopped() -> None:
    assert "masked" in reason(replace(UP, load="masked"))
    assert "its unit file is not-found" in reason(replace(UP, load="not-found"))


def test_what_systemd_refuses_is_refused_before() -> None:
    assert "RefuseManualStop" in reason(replace(UP, refuses_stop=True))
    assert "RefuseManualStart" in reason(replace(UP, refuses_start=True))


def test_a_job_is_never_restarted() -> None:
    assert "it is a job" in reason(replace(UP, kind="oneshot"))


def test_what_does_not_run_is_not_started() -> None:
    assert reason(replace(UP, active="inactive", sub="dead")) == "it does not run (inactive, dead)"


def test_a_reload_needs_a_unit_that_has_one_and_runs() -> None:
    assert reason(UP, Action.RELOAD) == "it has no reload"
    assert refusal(replace(UP, can_reload=True), Action.RELOAD) is None
    down = replace(UP, can_reload=True, active="failed", sub="failed")
    assert reason(down, Action.RELOAD) == "it does not run (failed, failed)"


def test_a_handoff_needs_a_socket_or_a_program_that_replaces_itself() -> None:
    assert "hands its sockets over" in reason(UP, Action.HANDOFF)
    assert refusal(MASTER, Action.HANDOFF) is None
    assert reason(replace(MASTER, active="failed", sub="failed"), Action.HANDOFF)
    with_socket = replace(UP, triggered_by=("a.socket",))
    assert refusal(with_socket, Action.HANDOFF) is None
    assert "masked" in reason(replace(with_socket, load="masked"), Action.HANDOFF)


def test_other_acts_are_not_systemds() -> None:
    assert "knows no handler" in reason(UP, Action.HANDLER)


@pytest.mark.parametrize(
    ("starts", "burst", "interval_s", "pause_s"),
    [
        ((), 5, 10.0, 0.0),
        ((99.0, 98.0, 97.0), 5, 10.0, 0.0),
        ((99.0, 98.0, 97.0, 96.0), 5, 10.0, 6.0),
        ((99.0, 98.0, 97.0, 96.0, 95.0), 5, 10.0, 6.0),
        ((99.0, 98.0, 97.0, 89.0), 5, 10.0, 0.0),
        ((99.0,), 1, 10.0, 9.0),
        ((99.0,), 2, 10.0, 9.0),
        ((99.0,), 0, 10.0, 0.0),
        ((99.0,), 1, 0.0, 0.0),
        ((90.0,), 1, 10.0, 0.0),
    ],
)
def test_one_start_is_always_left_to_systemd(
    starts: tuple[float, ...], burst: int, interval_s: float, pause_s: float
) -> None:
    assert wait_s(starts, burst, interval_s, 100.0) == pause_s


def test_a_job_done_and_a_new_run_is_done() -> None:
    assert verdict_on_job("done", replace(UP, invocation="two"), UP, renews=True) == ""
    assert verdict_on_job("done", UP, UP, renews=False) == ""


def test_a_job_done_without_a_new_run_is_not() -> None:
    assert "still the same run" in verdict_on_job("done", UP, UP, renews=True)


def test_a_job_done_and_nothing_up_is_not() -> None:
    down = replace(UP, active="failed", sub="failed", result="exit-code", exit_code="exit status 3")
    told = verdict_on_job("done", down, UP, renews=True)
    assert told.endswith("it is failed (failed); its last run ended with exit-code, exit status 3")


def test_a_job_that_failed_is_told_in_words() -> None:
    down = replace(UP, result="timeout")
    assert verdict_on_job("failed", down, UP, renews=True) == (
        "its job failed; its last run ended with timeout"
    )
    assert "could not be started" in verdict_on_job("dependency", UP, UP, renews=True)
    assert verdict_on_job("new-word", UP, UP, renews=True) == "its job ended as 'new-word'"


def test_times_are_those_stamps_that_are_new() -> None:
    after = replace(UP, left_at=11.0, began_at=12.0, main_at=12.5, ready_at=13.0)
    assert times_of(after, UP, 100.0) == {"stopped": 111.0, "started": 112.5, "ready": 113.0}
    assert times_of(UP, UP, 100.0) == {}


def test_without_a_main_process_the_unit_itself_was_started() -> None:
    after = replace(UP, main_at=0.0, began_at=12.0)
    assert times_of(after, replace(UP, main_at=0.0), 0.0) == {"started": 12.0}


def test_a_unit_is_settled_when_nothing_is_under_way() -> None:
    assert is_settled(UP)
    assert not is_settled(replace(UP, job=True))
    assert not is_settled(replace(UP, active="deactivating"))


def test_it_drained_when_it_ended_before_anybody_gave_up() -> None:
    quick = replace(UP, left_at=11.0, began_at=12.0)
    assert was_drained(quick, UP, killed=False) is True
    assert was_drained(quick, UP, killed=True) is False
    assert was_drained(replace(quick, began_at=101.0), UP, killed=False) is False
    assert was_drained(quick, replace(UP, cgroup=""), killed=False) is None
    assert was_drained(quick, replace(UP, stop_limit_s=None), killed=False) is True
    assert was_drained(UP, UP, killed=False) is True


def test_systemd_is_another_when_its_name_on_the_bus_is() -> None:
    assert is_other_incarnation((5, ":1.1"), (5, ":1.2"))
    assert not is_other_incarnation((5, ":1.1"), (6, ":1.1"))
    assert is_other_incarnation((5, ""), (6, ""))
    assert not is_other_incarnation((5, ""), (5, ":1.1"))
