"""What an agent answers: acts once and only once, under the highest epoch it has seen."""

import os
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from insvc.adapters.wire import from_json, to_json
from insvc.agent.asks import Asks
from insvc.agent.loop import Loop
from insvc.agent.managers import Managers
from insvc.agent.strays import of_host
from insvc.errors import InputError, StaleEpoch, WorldError
from insvc.model.act import ActFacts, Intent
from insvc.model.observation import HostObservation
from insvc.model.words import Action, InstanceState, Role
from tests.fakes.host_folder import HostFolder, looping, until
from tests.fakes.threads import begin, end

pytestmark = pytest.mark.integration


class Agent:
    """An agent's answers without its socket."""

    def __init__(self, folder: HostFolder, managers: Managers) -> None:
        self.managers = managers
        self.ended = threading.Event()
        self.asks = Asks(folder.path, folder.host, managers, self.ended.set)

    def ask(self, name: str, **arguments: Any) -> Any:
        return self.asks.by_name()[name]({"ask": name, **arguments})

    def perform(self, intent: Intent) -> ActFacts:
        return from_json(ActFacts, self.ask("perform", intent=to_json(intent)))

    def wait_until_up(self) -> None:
        up = {InstanceState.RUNNING, InstanceState.SCHEDULED}
        until(lambda: all(row.state in up for row in self.managers.status().rows))


@contextmanager
def agent(folder: HostFolder) -> Iterator[Agent]:
    loop = Loop()
    managers = Managers(folder.path, folder.host, loop)
    with looping(loop):
        loop.call(managers.begin)
        yield Agent(folder, managers)


def intent(step: str = "s1", **fields: Any) -> Intent:
    given = {"action": Action.RESTART, "service": "x", "dwell_s": 0.05, "timeout_s": 20.0}
    return Intent(run="r", step=step, **{**given, **fields})


def test_an_act_is_carried_out_once_however_often_it_is_asked(folder: HostFolder) -> None:
    folder.define("x")
    with agent(folder) as made:
        made.wait_until_up()
        first = made.perform(intent())
        assert first.manager_done
        assert made.perform(intent()) == first
        assert folder.told() == ["up x", "up x"]
        assert made.perform(intent(attempt=2)).before == first.after
        assert from_json(ActFacts, made.ask("recall", run="r", step="s1", attempt=1)) == first
        assert made.ask("recall", run="r", step="other", attempt=1) is None


def test_asked_again_while_under_way_it_waits_for_the_same_end(folder: HostFolder) -> None:
    folder.define("x")
    with agent(folder) as made:
        made.wait_until_up()
        slow = intent(dwell_s=0.3)
        facts: list[ActFacts] = []
        threads = [begin(lambda: facts.append(made.perform(slow))) for _ in "12"]
        for thread in threads:
            end(thread)
        assert facts[0] == facts[1]
        assert facts[0].manager_done
        assert folder.told() == ["up x", "up x"]


def test_an_act_in_which_the_agent_died_is_unknown_and_not_repeated(folder: HostFolder) -> None:
    folder.define("x")
    with agent(folder) as made:
        made.wait_until_up()
    store = sqlite3.connect(folder.path / "agent.db")
    with store:
        store.execute("INSERT INTO acts VALUES ('r', 's1', 1, 0, '{}', NULL)")
    store.close()
    with agent(folder) as made:
        recalled = from_json(ActFacts, made.ask("recall", run="r", step="s1"))
        assert (recalled.manager_done, recalled.said) == (False, "unknown")
        assert made.perform(intent()) == recalled
        assert folder.told() == ["up x"]


def test_a_controller_that_was_followed_by_another_is_refused(folder: HostFolder) -> None:
    folder.define("x")
    with agent(folder) as made:
        made.wait_until_up()
        assert made.perform(intent(epoch=7)).manager_done
        told = made.ask("ping")
        assert (told["host"], told["pid"], told["epoch"]) == ("h", os.getpid(), 7)
        assert told["began"] <= time.monotonic()
        for late in (intent("s2", epoch=6), intent("s1", epoch=6)):
            with pytest.raises(StaleEpoch):
                made.perform(late)
        with pytest.raises(StaleEpoch):
            made.ask("install", epoch=6, changes=[])
        assert made.ask("recall", run="r", step="s2") is None
    with agent(folder) as made, pytest.raises(StaleEpoch):
        made.perform(intent("s3", epoch=6))


def test_a_host_is_observed_with_its_role_and_all_its_services(folder: HostFolder) -> None:
    folder.define("x")
    folder.define("purge", "job", manager="cron", schedule="0 4 * * *", runs_when="active")
    folder.define("y", helpers="(")
    with agent(folder) as made:
        made.wait_until_up()
        seen = from_json(HostObservation, made.ask("observe"))
        assert (seen.host, seen.role, seen.locked) == ("h", Role.ACTIVE, False)
        assert {one.service: one.state for one in seen.instances} == {
            "x": InstanceState.RUNNING,
            "purge": InstanceState.SCHEDULED,
        }
        (unseen,) = seen.unseen
        assert unseen.startswith("y.json: y: missing )")
        assert [row["name"] for row in made.ask("managers")] == ["x", "purge"]


def test_what_cannot_be_understood_is_refused(folder: HostFolder) -> None:
    with agent(folder) as made, pytest.raises(InputError, match="action: found dance"):
        made.ask("perform", intent={**to_json(intent()), "action": "dance"})


def test_an_install_without_packages_learns_of_new_definitions(folder: HostFolder) -> None:
    with agent(folder) as made:
        folder.define("x")
        assert made.ask("install", epoch=1, changes=[]) == ""
        made.wait_until_up()
        assert [row["name"] for row in made.ask("managers")] == ["x"]


def test_a_package_that_is_none_is_refused_in_the_package_manager_s_words(
    folder: HostFolder, tmp_path: Path
) -> None:
    (tmp_path / "x.deb").write_text("no package")
    change = {"package": "x", "from_version": None, "to_version": "2", "path": f"{tmp_path}/x.deb"}
    with agent(folder) as made, pytest.raises(WorldError, match="dpkg ended with"):
        made.ask("install", epoch=1, changes=[change])


def test_a_shutdown_leaves_no_process_and_comes_back_whole(folder: HostFolder) -> None:
    folder.define("x")
    folder.define("y", "family", helpers="metadata-helper")
    folder.define("job", "job", manager="cron", schedule="* * * * *")
    with agent(folder) as made:
        made.wait_until_up()
        assert len(list(of_host(folder.root))) == 3
        assert made.ask("shutdown") == {"left": []}
        assert made.ended.is_set()
        until(lambda: not list(of_host(folder.root)))
    with agent(folder) as made:
        made.wait_until_up()


def test_an_adopted_service_can_be_restarted(folder: HostFolder) -> None:
    folder.define("x")
    with agent(folder) as made:
        made.wait_until_up()
    with agent(folder) as made:
        facts = made.perform(intent())
        assert facts.manager_done
        assert facts.before[0] != facts.after[0]
        os.kill(facts.after[0].pid, signal.SIGKILL)
        until(lambda: made.managers.row("x").restarts == 1)


def test_a_host_is_locked_and_unlocked_by_all_its_managers(folder: HostFolder) -> None:
    folder.define("x")
    with agent(folder) as made:
        made.wait_until_up()
        assert made.ask("set-locked", locked=True, timeout_s=20.0) == []
        assert made.managers.is_locked
        assert made.managers.row("x").state is InstanceState.STOPPED
        assert made.ask("set-locked", locked=False, timeout_s=20.0) == []
        assert made.managers.row("x").state is InstanceState.RUNNING
