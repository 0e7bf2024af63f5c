"""`insvc.supervise.exit_codes`: numbers of scripts and agents by name."""

import pytest

from insvc.supervise.exit_codes import (
    LSB_ACTION,
    LSB_STATUS,
    OCF_ACTION,
    OCF_MONITOR,
    Answer,
    lsb_answer,
    ocf_answer,
)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (0, Answer.RUNNING),
        (1, Answer.DEAD_PIDFILE),
        (2, Answer.DEAD_LOCK),
        (3, Answer.NOT_RUNNING),
        (4, Answer.UNKNOWN),
        (5, Answer.UNKNOWN),
        (127, Answer.UNKNOWN),
        (-9, Answer.UNKNOWN),
        (None, Answer.TIMED_OUT),
    ],
)
def test_a_status_of_a_script_is_told_by_name(status: int | None, expected: Answer) -> None:
    assert lsb_answer("status", status) is expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (0, Answer.DONE),
        (1, Answer.FAILED),
        (2, Answer.WRONG_ARGUMENTS),
        (3, Answer.UNIMPLEMENTED),
        (4, Answer.NOT_PERMITTED),
        (5, Answer.NOT_INSTALLED),
        (6, Answer.NOT_CONFIGURED),
        (7, Answer.NOT_RUNNING),
        (8, Answer.FAILED),
        (126, Answer.FAILED),
        (-15, Answer.FAILED),
        (None, Answer.TIMED_OUT),
    ],
)
def test_the_end_of_a_scripts_action_is_told_by_name(status: int | None, expected: Answer) -> None:
    assert lsb_answer("restart", status) is expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (0, Answer.RUNNING),
        (1, Answer.FAILED),
        (5, Answer.NOT_INSTALLED),
        (6, Answer.NOT_CONFIGURED),
        (7, Answer.NOT_RUNNING),
        (8, Answer.PROMOTED),
        (9, Answer.FAILED_PROMOTED),
        (190, Answer.DEGRADED),
        (191, Answer.DEGRADED_PROMOTED),
        (125, Answer.UNKNOWN),
        (None, Answer.TIMED_OUT),
    ],
)
def test_what_an_agent_sees_is_told_by_name(status: int | None, expected: Answer) -> None:
    assert ocf_answer("monitor", status) is expected


def test_an_agents_stop_of_what_does_not_run_is_done_and_its_start_is_not() -> None:
    assert ocf_answer("stop", 7) is Answer.DONE
    assert ocf_answer("start", 7) is Answer.NOT_RUNNING
    assert ocf_answer("stop", 0) is Answer.DONE
    assert ocf_answer("stop", 5) is Answer.NOT_INSTALLED
    assert ocf_answer("stop", None) is Answer.TIMED_OUT
    assert ocf_answer("promote", 8) is Answer.PROMOTED
    assert ocf_answer("demote", 9) is Answer.FAILED_PROMOTED
    assert ocf_answer("start", 42) is Answer.FAILED


def test_only_what_runs_serves_and_no_number_beyond_0_is_done() -> None:
    assert {one for one in Answer if one.serves} == {
        Answer.RUNNING,
        Answer.PROMOTED,
        Answer.DEGRADED,
        Answer.DEGRADED_PROMOTED,
    }
    for table in (LSB_STATUS, LSB_ACTION, OCF_MONITOR, OCF_ACTION):
        good = {number for number, one in table.items() if one in {Answer.DONE, Answer.RUNNING}}
        assert good == {0}


def test_every_answer_has_words_of_its_own() -> None:
    assert len({one.words for one in Answer}) == len(Answer)
