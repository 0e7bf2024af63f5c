"""Kill an agent on both sides of every write of its real ledger, in the middle of a run."""

from pathlib import Path

import pytest

from insvc.model.act import ActFacts, Intent
from insvc.model.words import Action, Role
from insvc.plan.plan import Plan
from tests.fakes.cloud import Scene, host, instance, plan_for, scene, step
from tests.harness.crash_sweep import ALWAYS, all_succeeded, each_restarted_once
from tests.harness.ledger_sweep import (
    Fate,
    LedgeredAgent,
    LedgeredCloud,
    ledger_cuts,
    sweep_ledger,
)

GOOD = (*ALWAYS, each_restarted_once, all_succeeded)


def with_ledgers(made: Scene, place: Path, fate: Fate, kind: type[LedgeredAgent]) -> Scene:
    hosts = tuple(made.cloud.hosts.values())
    made.cloud = LedgeredCloud(hosts, made.clock, made.journal, place=place, fate=fate, kind=kind)
    return made


def restarts(place: Path, fate: Fate, kind: type[LedgeredAgent]) -> tuple[Scene, Plan]:
    """Three restarts on two hosts."""
    bare = scene([host("h1", instance("a", 1), instance("b", 2)), host("h2", instance("a", 3))])
    made = with_ledgers(bare, place, fate, kind)
    return made, plan_for(
        made.cloud, step("a@h1"), step("b@h1", "a@h1"), step("a@h2", "a@h1", "b@h1")
    )


def host_turn(place: Path, fate: Fate, kind: type[LedgeredAgent]) -> tuple[Scene, Plan]:
    """A swact, which two agents carry out, and a lock around a restart."""
    bare = scene(
        [host("h1", instance("sm", 1), role=Role.ACTIVE), host("h2", role=Role.STANDBY)],
    )
    made = with_ledgers(bare, place, fate, kind)
    return made, plan_for(
        made.cloud,
        step("swact@h1", service="", action=Action.SWACT, to_host="h2"),
        step("lock@h1", "swact@h1", service="", action=Action.LOCK),
        step("sm@h1", "lock@h1"),
        step("unlock@h1", "sm@h1", service="", action=Action.UNLOCK),
    )


def test_every_act_writes_its_epoch_intent_and_end(tmp_path: Path) -> None:
    # The epoch is written once a host; three acts write an intent and an end each.
    assert len(ledger_cuts(restarts, tmp_path)) == 2 * (2 + 3 * 2)


def test_an_agent_killed_at_any_write_restarts_each_service_once(tmp_path: Path) -> None:
    assert sweep_ledger(restarts, tmp_path, GOOD) == []


def test_an_agent_killed_in_any_host_action_leaves_the_host_as_wanted(tmp_path: Path) -> None:
    assert sweep_ledger(host_turn, tmp_path, GOOD) == []


class HastyAgent(LedgeredAgent):
    """Planted: it acts first and writes afterwards."""

    def perform(self, intent: Intent) -> ActFacts:
        if self.recall(intent.run, intent.step, intent.attempt) is None:
            facts = self._acts.perform(intent)
            self._ledger.begin(intent)
            self._ledger.end(intent, facts)
            return facts
        return super().perform(intent)


class RepeatingAgent(LedgeredAgent):
    """Planted: an act without an end is simply done again."""

    def perform(self, intent: Intent) -> ActFacts:
        self._ledger.begin(intent)
        told = self.recall(intent.run, intent.step, intent.attempt)
        if told is not None and told.manager_done:
            return told
        facts = self._acts.perform(intent)
        self._ledger.end(intent, facts)
        return facts


PLANTED = {HastyAgent: "without an intent in the ledger", RepeatingAgent: "more than once"}


@pytest.mark.parametrize("kind", PLANTED, ids=lambda kind: kind.__name__)
def test_the_sweep_catches_what_is_planted(kind: type[LedgeredAgent], tmp_path: Path) -> None:
    found = sweep_ledger(restarts, tmp_path, ALWAYS, kind)
    assert any(PLANTED[kind] in fault for fault in found)
