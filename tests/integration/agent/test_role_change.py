"""How two controllers change places for a run or an operator."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from insvc.errors import WorldError
from insvc.model.words import InstanceState, Role
from tests.fakes.host_folder import until
from tests.fakes.pair_of_hosts import Controller, PairOfHosts
from tests.integration.agent.test_sm_daemon import daemon, states

pytestmark = pytest.mark.integration
RUNNING = InstanceState.RUNNING


def run_swact(controller: Controller, role: Role) -> Any:
    """As a run's step asks an agent for it."""
    intent = {
        "run": "r", "step": f"{role}-{time.time()}", "attempt": 1, "epoch": 1, "action": "swact",
        "role": role, "timeout_s": 30.0, "service": "",
    }  # fmt: skip
    return controller.ask("perform", 60.0, intent=intent)


def test_a_run_s_swact_goes_by_the_lease(pair: PairOfHosts) -> None:
    pair.start()
    assert run_swact(pair.c0, Role.STANDBY)["manager_done"]
    assert run_swact(pair.c1, Role.ACTIVE)["manager_done"]
    assert pair.c1.serves()
    assert pair.hosts_served() == ["c0", "c1"]
    assert [one.ask("observe")["role"] for one in (pair.c0, pair.c1)] == ["standby", "active"]
    refused = run_swact(pair.c0, Role.ACTIVE)
    assert not refused["manager_done"]
    assert "c1 holds the lease (epoch 2)" in refused["said"]
    assert pair.hosts_served() == ["c0", "c1"]


def test_an_operator_s_swact_hands_over_and_back(pair: PairOfHosts) -> None:
    pair.start()
    told = pair.c0.sm.swact(force=False, timeout_s=30.0)
    assert (told.done, told.refusals) == (True, ())
    assert told.said == "c1 holds the lease (epoch 2)"
    peer = pair.c0.sm.nodes().peer
    assert peer is not None
    assert peer.role is Role.ACTIVE  # at once: who asks c0 again learns that it is done already
    until(pair.c1.serves)
    again = pair.c0.sm.swact(force=True, timeout_s=30.0)
    assert (again.done, again.refusals) == (False, ("c0 is standby: ask the active controller",))
    until(lambda: pair.c1.sm.swact(force=False, timeout_s=30.0).done)
    until(pair.c0.serves)
    assert pair.hosts_served() == ["c0", "c1", "c0"]


def test_what_was_done_to_the_peer_a_moment_ago_is_known(pair: PairOfHosts) -> None:
    pair.start()
    for _ in range(5):
        assert pair.c1.sm.set_locked(locked=True, timeout_s=30.0) == ()
        told = pair.c0.sm.swact(force=True, timeout_s=30.0)
        assert (told.done, told.refusals) == (False, ("c1 is locked: unlock it first",))
        assert pair.c1.sm.set_locked(locked=False, timeout_s=30.0) == ()
    assert pair.c0.sm.swact(force=False, timeout_s=30.0).done
    until(pair.c1.serves)
    assert pair.hosts_served() == ["c0", "c1"]


def test_the_peer_takes_what_was_released_though_nobody_asks_it(pair: PairOfHosts) -> None:
    pair.start()
    assert run_swact(pair.c0, Role.STANDBY)["manager_done"]
    until(pair.c1.serves)
    assert pair.hosts_served() == ["c0", "c1"]


def test_what_does_not_go_down_in_time_keeps_the_lease_and_serves_on(pair: PairOfHosts) -> None:
    pair.c0.folder.define(
        "slow", "finishes", manager="sm", runs_when="active", drain={"timeout_s": 60.0}
    )
    pair.start()
    until(lambda: pair.c0.serves("slow"))
    assert pair.c0.sm.take_role(Role.STANDBY, 1.0) == ("slow",)
    until(lambda: pair.c0.role() is Role.ACTIVE and pair.c0.serves())
    assert pair.tenure().holder == "c0"
    told = pair.c0.sm.swact(force=True, timeout_s=1.0)
    assert (told.done, told.late) == (False, ("slow",))


def test_both_service_managers_alone_take_turns_without_agents(pair: PairOfHosts) -> None:
    with daemon(pair.c0.folder) as c0, daemon(pair.c1.folder) as c1:
        until(lambda: states(c0) == {"x": RUNNING} and c1.nodes().is_heard)
        assert c0.swact(force=False, timeout_s=30.0).done
        until(lambda: states(c1) == {"x": RUNNING})
        with pytest.raises(WorldError, match="c1 holds the lease"):
            c0.take_role(Role.ACTIVE, 20.0)
        assert c1.take_role(Role.STANDBY, 30.0) == ()
        assert c0.take_role(Role.ACTIVE, 30.0) == ()
        assert c0.set_locked(locked=True, timeout_s=30.0) == ()
        until(lambda: states(c1) == {"x": RUNNING})
    assert pair.tenure().is_released
    assert pair.hosts_served() == ["c0", "c1", "c0", "c1"]


def test_to_a_peer_that_hangs_nothing_is_handed_over(pair: PairOfHosts) -> None:
    pair.start()
    pid = pair.c1.pid("sm")
    os.kill(pid, signal.SIGSTOP)
    told = pair.c0.sm.swact(force=True, timeout_s=30.0)
    os.kill(pid, signal.SIGCONT)
    assert (told.done, told.said) == (False, "nothing was begun")
    assert "c1 is not heard" in told.refusals[0]
    assert pair.hosts_served() == ["c0"]


def test_a_peer_that_hangs_before_it_serves_is_told_and_not_counted_on(pair: PairOfHosts) -> None:
    pair.c0.folder.define(
        "slow", "finishes", manager="sm", runs_when="active", drain={"timeout_s": 60.0}
    )
    pair.start()
    until(lambda: pair.c0.serves("slow"))
    slow, peer = pair.c0.pid("slow"), pair.c1.pid("sm")
    with ThreadPoolExecutor() as beside:
        swact = beside.submit(pair.c0.sm.swact, force=True, timeout_s=30.0)
        until(lambda: not pair.c0.serves())
        os.kill(peer, signal.SIGSTOP)
        os.kill(slow, signal.SIGUSR1)
        told = swact.result()
    os.kill(peer, signal.SIGCONT)
    assert not told.done
    assert told.said == "c1 has not told that it serves; where it does not, c0 does again"
    until(lambda: pair.c0.serves() or pair.c1.serves())
    assert not any(one.endswith("!") for one in pair.hosts_served())
