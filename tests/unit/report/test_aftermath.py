"""`insvc.report.aftermath`: what changed in the cloud while a run went on."""

from dataclasses import replace

from insvc.execute.records import created, step_ended, step_started
from insvc.execute.run import Record, RecordKind
from insvc.execute.state import Run, replay
from insvc.execute.verify import Judgement
from insvc.model.observation import HostObservation, Observation
from insvc.model.words import Outcome
from insvc.plan.plan import Plan
from insvc.report.aftermath import tell_aftermath
from tests.fakes.cloud import host, instance, step


def run(*hosts: str) -> Run:
    """A run that has restarted a@h1."""
    return replay(
        "r",
        [
            created(Plan(steps=(step("a@h1"),)), at=0.0, patch={}, stale_before=1, hosts=hosts),
            Record(kind=RecordKind.CONTROLLER_STARTED, at=0.0, body={"pid": 1, "epoch": 1}),
            step_started("a@h1", 1, at=1.0, because="planned"),
            step_ended("a@h1", 1, Judgement(outcome=Outcome.RESTARTED, why=""), at=2.0),
        ],
    )


def seen(*hosts: HostObservation) -> Observation:
    return Observation(hosts=hosts)


def test_where_nothing_changed_nothing_is_told() -> None:
    current = host("h1", instance("a", stale=False))
    assert tell_aftermath(run("h1"), seen(current)) == ()
    assert tell_aftermath(run("h1"), None) == ()


def test_a_host_that_joined_is_named_with_what_is_stale_on_it() -> None:
    told = tell_aftermath(run("h1"), seen(host("h1"), host("h2", instance("b"), instance("c"))))
    assert told == (
        "h2 joined, or came back, after the run had begun: 2 instances there run replaced code; "
        "restart with `insvc restart`",
    )
    (told_fresh,) = tell_aftermath(run("h1"), seen(host("h1"), host("h3")))
    assert told_fresh.endswith("nothing runs replaced code there")


def test_a_host_that_left_is_named() -> None:
    gone = replace(host("h2"), reachable=False)
    assert tell_aftermath(run("h1", "h2"), seen(host("h1"), gone)) == (
        "h2 answered when the run began and does not any more",
    )
    assert tell_aftermath(run("h1"), seen(host("h1"), gone)) == ()


def test_who_was_there_at_the_beginning_is_not_guessed() -> None:
    assert tell_aftermath(run(), seen(host("h1"), host("h9"))) == ()


def test_code_that_was_replaced_again_is_told() -> None:
    (told,) = tell_aftermath(run("h1"), seen(host("h1", instance("a"))))
    assert told.startswith("a@h1 was restarted by this run and is stale again")
