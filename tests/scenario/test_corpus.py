"""Every recorded situation has the plan reviewed for it, whatever the order of its facts."""

import dataclasses
import re
from pathlib import Path

import pytest

from insvc.check.plan_check import check_plan
from insvc.model.observation import HostObservation, Observation
from insvc.plan.planner import make_plan
from tests.scenario.corpus.record import main, record
from tests.scenario.corpus.recording import HERE, NAMES, expected_file, inputs_of, tell
from tests.scenario.corpus.situation import Inputs, read_hosts, read_situation
from tests.scenario.plan.story import titanium

ROOT = Path(__file__).resolve().parents[2]
SITUATIONS = {name: read_situation(HERE / name / "situation.yaml") for name in NAMES}
PLANNED = [
    name
    for name in NAMES
    if not expected_file(name).read_text(encoding="utf-8").startswith("refused")
]
AGAIN = "review the difference, then: python -m tests.scenario.corpus.record"


def cited() -> set[str]:
    """Every rule that some situation stands for."""
    return {rule for situation in SITUATIONS.values() for rule in situation.stands_for}


def turned_round(inputs: Inputs) -> Inputs:
    """The same facts, seen in the opposite order."""
    hosts = tuple(
        dataclasses.replace(seen, instances=seen.instances[::-1])
        for seen in reversed(inputs.observation.hosts)
    )
    return inputs._replace(observation=Observation(hosts=hosts))


def rotated(inputs: Inputs) -> Inputs:
    """The same facts, seen in yet another order."""

    def turn(seen: HostObservation) -> HostObservation:
        middle = len(seen.instances) // 2
        found = seen.instances[middle:] + seen.instances[:middle]
        return dataclasses.replace(seen, instances=found)

    first, *others = inputs.observation.hosts
    hosts = tuple(map(turn, (*others, first)))
    return inputs._replace(observation=Observation(hosts=hosts))


@pytest.mark.parametrize("name", NAMES)
def test_the_plan_is_the_one_that_was_reviewed(name: str) -> None:
    assert tell(inputs_of(name)) == expected_file(name).read_text(encoding="utf-8"), (
        f"{AGAIN} {name}"
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_order_in_which_facts_arrive_changes_nothing(name: str) -> None:
    inputs = inputs_of(name)
    told = expected_file(name).read_text(encoding="utf-8")
    assert tell(turned_round(inputs)) == told
    assert tell(rotated(inputs)) == told


@pytest.mark.parametrize("name", PLANNED)
def test_the_independent_checker_accepts_the_plan(name: str) -> None:
    inputs = inputs_of(name)
    assert check_plan(make_plan(*inputs), *inputs) == ()


@pytest.mark.parametrize("name", NAMES)
def test_a_situation_says_what_happened_and_what_is_expected(name: str) -> None:
    situation = SITUATIONS[name]
    assert situation.happened.endswith((".", ")"))
    assert situation.expected.endswith(".")
    assert situation.stands_for


def test_the_corpus_is_large_and_holds_plans_and_refusals() -> None:
    told = [expected_file(name).read_text(encoding="utf-8") for name in NAMES]
    assert len(NAMES) >= 100
    assert sum(text.startswith("refused") for text in told) >= 20
    assert sum(text.startswith("no step") for text in told) >= 5


def test_every_rule_that_is_cited_is_explained_and_the_reverse() -> None:
    page = (ROOT / "docs" / "corpus.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| ((?:law|guide|pain) \w+) \|", page, re.MULTILINE))
    assert {rule for rule in cited() if not rule.startswith("page ")} == explained


def test_every_law_is_cited() -> None:
    assert {f"law {number}" for number in range(1, 12)} <= cited()


def test_every_row_of_the_page_is_cited_by_a_situation_that_touches_it() -> None:
    touched: set[str] = set()
    for situation in SITUATIONS.values():
        names = {*situation.stale, *situation.changed, *situation.asked_for}
        services = {name.partition("@")[0] for name in names}
        for number, entry in enumerate(titanium().entries, start=1):
            of_entry = {entry.name, *(service.name for service in entry.services)}
            if of_entry & services and f"page {number}" in situation.stands_for:
                touched.add(f"page {number}")
    assert touched == {f"page {number}" for number in range(1, 42)}


def test_recording_shows_differences_and_writes_only_what_is_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--show", "cron"]) == 0
    assert capsys.readouterr().out == "nothing changed\n"
    assert main(["nowhere"]) == 2
    assert "no situation is named nowhere" in capsys.readouterr().err
    assert main([]) == 2


def test_a_recorded_plan_that_is_already_right_is_not_changed() -> None:
    before = expected_file("cron/at-rest").read_text(encoding="utf-8")
    assert record(["cron/at-rest"], writes=True) == []
    assert expected_file("cron/at-rest").read_text(encoding="utf-8") == before


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("controller-0 active and worker", ["controller-0"]),
        ("compute-8..10 in rack-a locked", ["compute-8", "compute-9", "compute-10"]),
    ],
)
def test_a_line_names_one_host_or_a_range(line: str, names: list[str]) -> None:
    assert [one.host.name for one in read_hosts(line)] == names


def test_a_line_of_another_form_is_a_fault() -> None:
    with pytest.raises(ValueError, match="not a host line: gateway-0"):
        read_hosts("gateway-0")
