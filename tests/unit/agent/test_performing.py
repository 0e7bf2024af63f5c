"""Each intent once."""

import threading
from pathlib import Path

import pytest

from insvc.adapters.ledger_sqlite import SqliteLedger
from insvc.agent.acts import Acts
from insvc.agent.performing import Performer
from insvc.errors import StaleEpoch, WorldError
from insvc.model.act import ActFacts, Intent
from insvc.model.words import Action


class Slow(Acts):
    """An act that ends when it is let go."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.let_go = threading.Event()
        self.count = 0

    def perform(self, intent: Intent) -> ActFacts:
        self.count += 1
        self.begun.set()
        self.let_go.wait(60)
        return ActFacts(step=intent.step, manager_done=True, said="done")


class Full(SqliteLedger):
    """A ledger whose disk is full by the time that an act has ended."""

    def end(self, intent: Intent, facts: ActFacts) -> None:
        raise WorldError(
            "agent.db", f"no room for {intent.step} {facts.said}", next_act="make room"
        )


def intent(epoch: int = 1) -> Intent:
    return Intent(run="r", step="s", epoch=epoch, action=Action.RESTART, service="web")


def test_who_asks_again_meanwhile_waits_for_the_same_end(tmp_path: Path) -> None:
    acts, answers = Slow(), list[ActFacts]()
    performer = Performer(acts, SqliteLedger(tmp_path / "agent.db"))
    threads = [
        threading.Thread(target=lambda: answers.append(performer.perform(intent())))
        for _ in range(2)
    ]
    threads[0].start()
    assert acts.begun.wait(60)
    threads[1].start()
    acts.let_go.set()
    for thread in threads:
        thread.join(60)
    assert acts.count == 1
    assert [one.said for one in answers] == ["done", "done"]


def test_what_was_seen_is_told_where_the_disk_refuses_to_keep_it(tmp_path: Path) -> None:
    acts = Slow()
    acts.let_go.set()
    performer = Performer(acts, Full(tmp_path / "agent.db"))
    told = performer.perform(intent())
    assert told.manager_done
    assert told.said == "done; its end is not written down: agent.db: no room for s done"
    assert performer.perform(intent()).said == "unknown"
    assert acts.count == 1


def test_an_act_of_an_earlier_life_is_unknown_and_not_repeated(tmp_path: Path) -> None:
    ledger = SqliteLedger(tmp_path / "agent.db")
    ledger.begin(intent())
    acts = Slow()
    told = Performer(acts, ledger).perform(intent())
    assert (told.said, told.manager_done, acts.count) == ("unknown", False, 0)


def test_an_older_epoch_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    ledger = SqliteLedger(tmp_path / "agent.db")
    ledger.raise_epoch(5)
    acts = Slow()
    with pytest.raises(StaleEpoch):
        Performer(acts, ledger).perform(intent(epoch=4))
    assert acts.count == 0
