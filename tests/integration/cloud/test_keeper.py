import os
import signal
import time
from pathlib import Path

import pytest

from insvc.adapters.ask import ask
from insvc.adapters.procfs import ProcfsTable
from insvc.cloud.keeper import LONGEST_PAUSE_S, keeper_of, pause_s
from insvc.errors import WorldError

pytestmark = pytest.mark.integration

LIMIT_S = 60.0


def pids(host: Path) -> dict[str, int]:
    """Main pids by service, as the agent tells them; nothing while it is away."""
    try:
        rows = ask(host / "run/agent.sock", {"ask": "managers"}, 10.0)
    except WorldError:
        return {}
    return {row["name"]: row["pid"] for row in rows if row["pid"] is not None}


def agent_pid(host: Path) -> int:
    try:
        return int(ask(host / "run/agent.sock", {"ask": "ping"}, 10.0)["pid"])
    except WorldError:
        return 0


def test_a_killed_agent_comes_back_and_restarts_nothing(running_cloud: Path) -> None:
    host = running_cloud / "hosts/storage-0"
    before, agent = pids(host), agent_pid(host)
    assert set(before) == {"ceph-mon", "ceph-osd"}
    os.kill(agent, signal.SIGKILL)
    until = time.monotonic() + LIMIT_S
    while agent_pid(host) in {0, agent} or pids(host) != before:
        assert time.monotonic() < until
        time.sleep(0.02)


def test_who_was_frozen_for_a_while_goes_on_keeping(running_cloud: Path) -> None:
    named = keeper_of(running_cloud)
    assert named is not None
    os.kill(named[0], signal.SIGSTOP)
    time.sleep(1.0)  # longer than it waits for a signal
    os.kill(named[0], signal.SIGCONT)
    time.sleep(1.0)
    assert keeper_of(running_cloud) == named
    assert set(pids(running_cloud / "hosts/storage-0")) == {"ceph-mon", "ceph-osd"}


def test_it_says_who_it_is(running_cloud: Path) -> None:
    named = keeper_of(running_cloud)
    assert named is not None
    identity = ProcfsTable().identity(named[0])
    assert identity is not None
    assert (identity.pid, identity.start_ticks, identity.boot_id) == named


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"keeper_pid": null}', '{"keeper_pid": "x"}'])
def test_a_file_that_names_no_keeper_means_that_there_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "cloud.json").write_text(text, encoding="utf-8")
    assert keeper_of(tmp_path) is None


def test_an_agent_that_ends_at_once_again_and_again_is_started_ever_later() -> None:
    pauses = [pause_s(lives) for lives in (0, 1, 2, 3, 4, 5, 6, 1000)]
    assert pauses[0] == 0.0
    assert pauses == sorted(pauses)
    assert 0.0 < pauses[1] < 1.0
    assert pauses[-1] == LONGEST_PAUSE_S
