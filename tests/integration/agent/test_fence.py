"""The end of a controller's services by its own agent, and the peer that asks for it."""

import os
import signal
import socket
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from insvc.adapters.definitions import read_definitions
from insvc.adapters.launcher import Launcher
from insvc.adapters.pair_lease import boottime
from insvc.agent import fence
from insvc.agent.fence import Fenced, Fencing, check_fence, end_active_services, fence_peer
from insvc.agent.loop import Loop
from insvc.agent.server import Server
from insvc.agent.strays import of_host
from insvc.errors import StaleEpoch, WorldError
from insvc.model.words import InstanceState, Manager
from insvc.supervise.pair import Tenure
from tests.fakes.host_folder import HostFolder, looping, supervising, until, wait_for_state
from tests.fakes.pair_of_hosts import PairOfHosts
from tests.fakes.role_lease import FakeRoleLease, FakeRoleStore

pytestmark = pytest.mark.integration
RUNNING = InstanceState.RUNNING
MAY_SERVE = "who held it may still serve, and cannot be stopped"


def test_only_what_the_active_role_runs_is_ended(folder: HostFolder) -> None:
    folder.define("x", "family", manager="sm", runs_when="active", helpers="metadata")
    folder.define("y", manager="sm")
    found, _ = read_definitions(folder.root, frozenset({Manager.SM}))
    launcher = Launcher(folder.path, folder.host)
    x, y = (launcher.launch(found[name]) for name in "xy")
    until(lambda: len(list(of_host(folder.root))) == 3)
    assert end_active_services(folder.root) == 2
    assert list(of_host(folder.root)) == [y.identity]
    for one in (x, y):
        one.close()


def test_a_host_without_any_has_nothing_to_end(folder: HostFolder) -> None:
    assert end_active_services(folder.root) == 0


def test_what_comes_back_again_and_again_is_an_error(
    folder: HostFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fence, "_END_S", 0.5)
    folder.define("x", manager="sm", runs_when="active", restarts=1000, interval_s=0.001)
    with supervising(folder, Manager.SM) as sm:
        wait_for_state(sm, "x", RUNNING)
        monkeypatch.setattr(fence, "_kill", lambda _: None)
        with pytest.raises(WorldError, match="outlive SIGKILL"):
            end_active_services(folder.root)


def test_a_lease_that_moved_on_or_is_renewed_forbids_it() -> None:
    store = FakeRoleStore()
    lease = FakeRoleLease(store, "a", boottime)
    with pytest.raises(StaleEpoch, match="found none"):
        check_fence(lease, "a", 1, "b")
    known = lease.take(None)
    assert known is not None
    with pytest.raises(WorldError, match="holds the lease, renewed 0"):
        check_fence(lease, "a", 1, "b")
    with pytest.raises(StaleEpoch, match="found 1"):
        check_fence(lease, "a", 2, "b")
    late = FakeRoleLease(store, "a", lambda: boottime() - known.early_s)
    assert late.renew(known) is not None
    check_fence(lease, "a", 1, "b")


def test_a_lease_that_was_released_or_is_the_peer_s_forbids_nothing() -> None:
    store = FakeRoleStore()
    lease = FakeRoleLease(store, "a", boottime)
    known = lease.take(None)
    assert known is not None
    check_fence(lease, "b", 1, "a")
    lease.release(known, "b")
    check_fence(lease, "a", 1, "b")


def peer(path: Path, answer: Any) -> Server:
    def serve(_: Mapping[str, Any]) -> object:
        if isinstance(answer, Exception):
            raise answer
        return answer

    made = Server(path, {"fence": serve})
    made.start()
    return made


def test_the_peer_s_agent_stops_refuses_or_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "agent.sock"
    server = peer(path, 3)
    assert fence_peer(path, tmp_path, 1, "b") == (Fenced.STOPPED, "3 processes were ended")
    server.close()
    server = peer(path, StaleEpoch("a", "epoch 1 is over", next_act="look"))
    assert fence_peer(path, tmp_path, 1, "b") == (Fenced.REFUSED, "a: epoch 1 is over")
    server.close()
    assert fence_peer(path, tmp_path, 1, "b") == (Fenced.GONE, "no agent listens there")


def test_a_host_without_an_agent_is_not_gone_while_its_services_run(folder: HostFolder) -> None:
    folder.define("x", manager="sm", runs_when="active")
    folder.define("y", manager="sm")
    found, _ = read_definitions(folder.root, frozenset({Manager.SM}))
    launcher = Launcher(folder.path, folder.host)
    x, y = (launcher.launch(found[name]) for name in "xy")
    told = fence_peer(folder.path / "agent.sock", folder.root, 1, "b")
    assert told == (Fenced.SILENT, "no agent listens there, and x still run")
    assert end_active_services(folder.root) == 1
    told = fence_peer(folder.path / "agent.sock", folder.root, 1, "b")
    assert told == (Fenced.GONE, "no agent listens there")
    for one in (x, y):
        one.close()


def test_an_agent_that_listens_and_says_nothing_is_not_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fence, "ANSWER_S", 0.2)
    monkeypatch.setattr(fence, "_CONNECT_S", 0.1)
    path = tmp_path / "agent.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(0)
        assert fence_peer(path, tmp_path, 1, "b")[0] is Fenced.SILENT
        # Nor is one whose queue is full.
        assert fence._is_anybody_there(path)


def tenure(epoch: int) -> Tenure:
    return Tenure(number=10 * epoch, holder="a", epoch=epoch, renewed_at=0.0, ttl_s=5.0)


def test_one_asks_at_a_time_and_remembers_of_which_record() -> None:
    loop = Loop()
    heard: list[Fenced] = []
    asked: list[int] = []
    tellings = [
        (4, (Fenced.REFUSED, "renewed"), (0, 0, "")),
        (5, (Fenced.GONE, "no agent"), (50, 0, "")),
        (6, (Fenced.STOPPED, "0 processes"), (60, 60, "")),
        (7, (Fenced.REFUSED, "renewed"), (60, 60, "")),
        (7, (Fenced.REFUSED, "x has no end"), (60, 60, f"{MAY_SERVE}: x has no end")),
        (7, (Fenced.SILENT, "no answer"), (60, 60, f"{MAY_SERVE}: no answer")),
        (8, (Fenced.REFUSED, "renewed"), (60, 60, "")),
        (8, (Fenced.STOPPED, "0 processes"), (80, 80, "")),
    ]

    def ask(epoch: int) -> tuple[Fenced, str]:
        asked.append(epoch)
        return tellings[len(asked) - 1][1]

    fencing = Fencing(loop, ask, heard.append)

    def ask_twice(epoch: int) -> None:
        fencing.begin(None)
        fencing.begin(tenure(epoch))
        fencing.begin(tenure(99))

    with looping(loop):
        for count, (epoch, _, seen) in enumerate(tellings, start=1):
            loop.call(partial(ask_twice, epoch))
            until(lambda: len(heard) == count)  # noqa: B023 - awaited here
            assert (fencing.fenced, fencing.stopped, fencing.trouble) == seen
    assert asked == [epoch for epoch, _, _ in tellings]
    fencing.end()


def test_a_fence_is_refused_while_the_lease_is_renewed(pair: PairOfHosts) -> None:
    pair.start()
    with pytest.raises(WorldError, match="holds the lease"):
        pair.c0.ask("fence", epoch=1, by="c1")
    with pytest.raises(WorldError, match="epoch 7 of the lease is over"):
        pair.c0.ask("fence", epoch=7, by="c1")
    assert pair.hosts_served() == ["c0"]
    assert pair.c0.serves()


def test_while_the_old_host_s_agent_is_silent_nobody_takes_over(pair: PairOfHosts) -> None:
    pair.start()
    sm, agent = pair.c0.pid("sm"), pair.c0.agent_pid
    for pid in (agent, sm):
        os.kill(pid, signal.SIGSTOP)
    until(lambda: "may still serve" in str(pair.c1.ask("alarms")), 60.0)
    assert pair.hosts_served() == ["c0"]
    os.kill(agent, signal.SIGCONT)
    until(pair.c1.serves)
    assert pair.hosts_served() == ["c0", "c1"]
    os.kill(sm, signal.SIGCONT)
