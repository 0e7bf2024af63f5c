from dataclasses import replace
from typing import Literal

import pytest

from insvc.model.words import Outcome
from insvc.plan.plan import Omission
from insvc.report.advice import next_acts
from tests.unit.report.sample import empty, failed, locked, succeeded


def test_after_a_success_nothing_remains_but_the_jobs_that_wait() -> None:
    assert next_acts(succeeded()) == (
        "Nothing: the patch runs everywhere it should.",
        "Leave ceilometer-expirer alone: the next scheduled run uses the new code.",
    )
    patched = replace(locked(), rollback_of=None)
    assert next_acts(patched) == ("Nothing: the patch runs everywhere it should.",)


def test_after_a_rollback_the_patch_runs_nowhere() -> None:
    assert locked().rollback_of is not None
    assert next_acts(locked()) == ("Nothing: what ran before the patch runs again.",)


def test_after_a_failure_the_logs_come_first() -> None:
    acts = next_acts(failed())
    assert "hosts/controller-0/log/cinder-volume.log" in acts[0]
    assert "insvc run rollback 20261122-121144-f7" in acts[1]
    assert acts[2] == "Bring the agent of controller-1 back and look with `insvc scan`."


def test_the_journal_of_a_unit_is_named() -> None:
    bad = replace(failed().steps[-1], service="web.service", outcome=Outcome.FAILED)
    acts = next_acts(replace(failed(), steps=(bad,)))
    assert acts[0] == f"Read `journalctl -u web.service` on {bad.host}."


@pytest.mark.parametrize("outcome", ["failed", "aborted"])
def test_what_installed_nothing_cannot_be_put_back(outcome: Literal["failed", "aborted"]) -> None:
    report = replace(failed(), outcome=outcome, is_undoable=False)
    assert not any("rollback" in act for act in next_acts(report))


def test_several_hosts_without_an_answer_have_agents() -> None:
    acts = next_acts(replace(succeeded(), unobserved=("a", "b")))
    assert acts[0] == "Bring the agents of a, b back and look with `insvc scan`."


def test_a_failure_without_a_bad_step_has_no_logs_to_read() -> None:
    assert next_acts(replace(failed(), steps=()))[0].startswith("Then restart")


def test_a_run_that_is_not_over_can_be_carried_on() -> None:
    assert next_acts(empty()) == (
        "Carry the run on with `insvc run resume r0`, or end it with `insvc run abort r0`.",
    )


def test_an_aborted_run_leaves_old_code() -> None:
    report = replace(succeeded(), outcome="aborted")
    assert next_acts(report)[0].startswith("The rest still runs the old code")


def test_a_patch_that_was_rolled_back_wants_its_fault_found() -> None:
    report = replace(succeeded(), outcome="rolled-back")
    assert "find the fault in the patch" in next_acts(report)[0]


def test_what_is_still_stale_is_restarted_again() -> None:
    report = replace(succeeded(), stale_after=failed().stale_after)
    assert next_acts(report)[0] == "Restart what is still stale with `insvc restart`."


def test_what_got_no_step_is_restarted_only_if_it_is_named() -> None:
    first = failed().stale_after[0]
    left = Omission(host=first.host, service=first.service, reason="is session-killing")
    report = replace(succeeded(), stale_after=(first,), omitted=(left,))
    insist = f"See above why no step was made, or insist: `insvc restart {first.service}`."
    assert next_acts(report)[0] == insist
    more = replace(first, service="other")
    both = replace(report, stale_after=(first, more))
    assert next_acts(both)[:2] == ("Restart what is still stale with `insvc restart`.", insist)


def test_hosts_that_nobody_looked_at_are_looked_at() -> None:
    report = replace(succeeded(), observed_at=None)
    assert next_acts(report)[0] == "Look at what runs now with `insvc scan`."
