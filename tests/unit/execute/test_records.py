import pytest

from insvc.execute import records
from insvc.execute.run import Record, RecordKind
from insvc.execute.state import replay
from insvc.execute.verify import Judgement, Rung
from insvc.model.act import ActFacts, PackageChange
from insvc.model.observation import ProcessIdentity
from insvc.model.words import Outcome
from insvc.plan.plan import Plan

ONE = ProcessIdentity(boot_id="b", pid=7, start_ticks=70)
ONE_JSON = {"boot_id": "b", "pid": 7, "start_ticks": 70}
GOOD = Judgement(
    outcome=Outcome.RESTARTED, why="all hold", checks=(Rung(name="ready", passed=True, detail=""),)
)


def test_a_run_begins_with_its_plan_and_what_was_installed() -> None:
    change = PackageChange(package="a", from_version="1", to_version="2", path="/p/a.deb")
    record = records.created(
        Plan(), at=1.0, patch={"h1": [change]}, stale_before=3, warnings=["w"], rollback_of="r0"
    )
    assert record.kind is RecordKind.CREATED
    assert record.body["plan"]["format"] == "insvc-plan/1"
    assert record.body["patch"]["h1"][0]["to_version"] == "2"
    assert record.body["stale_before"] == 3
    assert record.body["warnings"] == ["w"]
    assert record.body["rollback_of"] == "r0"


def test_an_intent_holds_what_ran_before_it() -> None:
    record = records.step_started(
        "a@h1", 2, at=1.0, because="still-stale", before=(ONE,), ran=("a", "b")
    )
    assert (record.step, record.attempt) == ("a@h1", 2)
    assert record.body == {"because": "still-stale", "before": [ONE_JSON], "ran": ["a", "b"]}


def test_the_end_of_a_step_holds_its_ladder_and_its_facts() -> None:
    facts = ActFacts(
        step="a@h1",
        after=(ONE,),
        said="done",
        reaped=(9,),
        lost=("b",),
        drained=True,
        times={"ended": 4.0},
    )
    outage = {"from_at": 1.0, "until_at": 1.5, "resolution_s": 0.01}
    record = records.step_ended(
        "a@h1", 1, GOOD, at=5.0, facts=facts, outages=(outage,), outage_s=0.5
    )
    assert record.body == {
        "outcome": "restarted",
        "why": "all hold",
        "checks": [{"name": "ready", "passed": True, "detail": ""}],
        "before": [],
        "after": [ONE_JSON],
        "times": {"ended": 4.0},
        "said": "done",
        "reaped": [9],
        "lost": ["b"],
        "drained": True,
        "outage_s": 0.5,
        "outages": [outage],
    }


def test_a_skipped_step_has_no_attempt_and_no_outage() -> None:
    record = records.skipped("a@h1", "b@h1 ended failed", at=5.0)
    assert record.attempt == 0
    assert record.body["outcome"] == "skipped"
    assert record.body["outage_s"] is None
    assert record.body["outages"] == []


@pytest.mark.parametrize("rollback", [True, False])
def test_the_end_of_a_run_says_whether_it_is_rolled_back(rollback: bool) -> None:
    record = records.ended("failed", "why", at=1.0, rollback=rollback)
    expected = {"outcome": "failed", "why": "why", "rollback": rollback}
    assert record == Record(kind=RecordKind.ENDED, at=1.0, body=expected)


def test_a_lost_step_says_why() -> None:
    record = records.step_lost("a@h1", 1, "no answer", at=2.0)
    assert record.kind is RecordKind.STEP_LOST
    assert record.body == {"why": "no answer"}


def test_a_run_remembers_who_answered_and_what_it_follows() -> None:
    record = records.created(Plan(), at=1.0, patch={}, stale_before=0, hosts=["h1"], follows="r0")
    run = replay("r1", [record])
    assert (run.hosts, run.follows) == (("h1",), "r0")
