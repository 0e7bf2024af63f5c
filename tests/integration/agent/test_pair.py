"""Two controllers and one lease: who serves, whatever dies, hangs or is lost.

The service that only the active one runs takes a lock that is the cloud's. One that starts while
the other's still runs is refused it by the kernel, and says so, however short both were there.
"""

import os
import signal
import time
from pathlib import Path

import pytest

from insvc.adapters.pair_lease import FOLDER, boottime
from insvc.model.alarm import NO_ANSWER, NO_REDUNDANCY
from insvc.model.words import Role
from tests.fakes.host_folder import until
from tests.fakes.pair_of_hosts import Controller, PairOfHosts

pytestmark = pytest.mark.integration


def alarms(controller: Controller) -> set[tuple[str, str]]:
    """Number and entity of what stands on that host."""
    standing = controller.ask("alarms")["standing"]
    return {(one["alarm"]["alarm"], one["alarm"]["entity"]) for one in standing}


def environment(controller: Controller) -> dict[str, str]:
    """Of the service that only the active controller runs."""
    text = Path(f"/proc/{controller.pid('x')}/environ").read_text()
    return dict(one.split("=", 1) for one in text.split("\0") if "=" in one)


def test_of_two_that_start_at_once_one_serves_under_the_lease_s_epoch(pair: PairOfHosts) -> None:
    pair.start()
    assert (pair.c0.role(), pair.c1.role()) == (Role.ACTIVE, Role.STANDBY)
    assert pair.hosts_served() == ["c0"]
    assert (pair.tenure().holder, pair.tenure().epoch) == ("c0", 1)
    assert environment(pair.c0)["INSVC_EPOCH"] == "1"
    nodes = pair.c1.sm.nodes()
    assert (nodes.own.host, nodes.peer_name) == ("c1", "c0")
    assert nodes.peer is not None
    assert (nodes.peer.role, nodes.peer.epoch) == (Role.ACTIVE, 1)
    until(lambda: alarms(pair.c0) == alarms(pair.c1) == set())


def test_the_one_whose_turn_it_is_may_be_missing(pair: PairOfHosts) -> None:
    pair.c1.start()
    until(pair.c1.serves)
    assert pair.hosts_served() == ["c1"]
    pair.c0.start()
    until(lambda: pair.c0.role() is Role.STANDBY)
    assert pair.tenure().holder == "c1"


def test_a_killed_service_manager_keeps_the_lease_and_restarts_nothing(pair: PairOfHosts) -> None:
    pair.start()
    before = pair.tenure()
    os.kill(pair.c0.pid("sm"), signal.SIGKILL)
    until(lambda: pair.tenure().renewed_at > before.renewed_at + before.ttl_s)
    until(lambda: pair.c0.role() is Role.ACTIVE)
    assert (pair.tenure().holder, pair.tenure().epoch) == ("c0", before.epoch)
    assert pair.hosts_served() == ["c0"]


def test_a_dead_host_is_followed_by_the_other_and_comes_back_as_standby(pair: PairOfHosts) -> None:
    pair.start()
    died_at = boottime()
    pair.c0.kill()
    until(lambda: (NO_REDUNDANCY, "service_domain=controller.host=c1") in alarms(pair.c1))
    assert (NO_ANSWER, "service_domain=controller.host=c1.peer=c0") in alarms(pair.c1)
    assert pair.served()[-1][0] - died_at < 20.0
    pair.c0.start()
    until(lambda: pair.c0.role() is Role.STANDBY and not alarms(pair.c1))
    held = pair.tenure()
    until(lambda: pair.tenure().renewed_at > held.renewed_at + held.ttl_s)
    assert (pair.tenure().holder, pair.tenure().epoch) == ("c1", 2)
    assert pair.hosts_served() == ["c0", "c1"]


def test_a_hung_service_manager_is_fenced_and_finds_itself_standby(pair: PairOfHosts) -> None:
    pair.start()
    pid = pair.c0.pid("sm")
    os.kill(pid, signal.SIGSTOP)
    until(pair.c1.serves)
    # Its agent, which is well, has ended its services and goes by the standby role already.
    assert pair.hosts_served() == ["c0", "c1"]
    os.kill(pid, signal.SIGCONT)
    until(lambda: pair.c0.role() is Role.STANDBY)
    held = pair.tenure()
    until(lambda: pair.tenure().renewed_at > held.renewed_at + held.ttl_s)
    assert pair.hosts_served() == ["c0", "c1"]
    assert pair.c0.pid("sm") == pid
    assert pair.c0.ask("observe")["role"] == "standby"
    assert environment(pair.c1)["INSVC_EPOCH"] == "2"


def test_who_woke_before_its_lease_was_taken_is_fenced_again_when_it_hangs_again(
    pair: PairOfHosts,
) -> None:
    pair.start()
    pid = pair.c0.pid("sm")
    for _ in range(5):
        served = Path(f"/proc/{pair.c0.pid('x')}/cmdline")
        os.kill(pid, signal.SIGSTOP)
        until(lambda: not served.read_bytes())  # noqa: B023 - awaited here; sm reaps it later
        os.kill(pid, signal.SIGCONT)  # its host's agent still looks whether all is gone
        held = pair.tenure()
        until(lambda: pair.tenure().renewed_at > held.renewed_at + 2.0)  # noqa: B023 - the same
        if pair.tenure().holder == "c0":
            break
        pair.c1.sm.take_role(Role.STANDBY, 20.0)
        until(pair.c0.serves)
    assert pair.tenure().holder == "c0"
    until(pair.c0.serves)
    os.kill(pid, signal.SIGSTOP)
    until(pair.c1.serves)
    os.kill(pid, signal.SIGCONT)
    until(lambda: pair.c0.role() is Role.STANDBY)
    assert not any(one.endswith("!") for one in pair.hosts_served())


def test_services_that_outlive_their_agent_and_manager_are_not_started_beside(
    pair: PairOfHosts,
) -> None:
    pair.start()
    sm = pair.c0.pid("sm")
    os.kill(pair.c0.agent_pid, signal.SIGKILL)
    os.kill(sm, signal.SIGKILL)
    held = pair.tenure()
    until(lambda: (NO_REDUNDANCY, "service_domain=controller.host=c1.lease") in alarms(pair.c1))
    time.sleep(held.ttl_s)
    assert pair.hosts_served() == ["c0"]
    assert pair.tenure().holder == "c0"
    pair.c0.kill()
    until(pair.c1.serves)
    assert pair.hosts_served() == ["c0", "c1"]


def test_a_hang_that_nobody_used_costs_nothing(pair: PairOfHosts) -> None:
    pair.start()
    pair.c1.kill()
    pid, served = pair.c0.pid("sm"), pair.c0.pid("x")
    os.kill(pid, signal.SIGSTOP)
    time.sleep(pair.tenure().ttl_s + 0.5)  # longer than the lease, and nobody there to take it
    os.kill(pid, signal.SIGCONT)
    held = pair.tenure()
    until(lambda: pair.tenure().renewed_at > held.renewed_at + 1.0)
    assert (pair.c0.role(), pair.c0.pid("x"), pair.tenure().epoch) == (Role.ACTIVE, served, 1)


def test_without_the_lease_s_store_nobody_serves_until_it_is_back(pair: PairOfHosts) -> None:
    pair.start()
    folder = pair.path / FOLDER
    away = folder.with_name("away")
    folder.rename(away)
    gone_at = boottime()
    until(lambda: not pair.c0.serves() and pair.c0.role() is Role.STANDBY)
    assert boottime() - gone_at < 3 * 4.0
    until(lambda: (NO_REDUNDANCY, "service_domain=controller.host=c0.lease") in alarms(pair.c0))
    until(lambda: (NO_REDUNDANCY, "service_domain=controller.host=c1.lease") in alarms(pair.c1))
    assert pair.c1.role() is Role.STANDBY
    away.rename(folder)
    until(lambda: pair.c0.serves() or pair.c1.serves())
    until(lambda: alarms(pair.c0) == alarms(pair.c1) == set())
    assert not any(one.endswith("!") for one in pair.hosts_served())


def test_a_holder_that_cannot_renew_stops_before_its_lease_can_be_taken(pair: PairOfHosts) -> None:
    pair.start()
    last = pair.tenure().renewed_at
    served = pair.c0.pid("x")
    (pair.path / FOLDER).rename(pair.path / "away")
    until(lambda: not Path(f"/proc/{served}/cmdline").exists())
    assert boottime() - last < 2 * pair.lease._ttl_s


def test_a_locked_controller_gives_the_lease_up_and_takes_none(pair: PairOfHosts) -> None:
    pair.start()
    assert pair.c0.sm.set_locked(locked=True, timeout_s=30.0) == ()
    until(pair.c1.serves)
    pair.c1.kill()
    over_at = pair.tenure().renewed_at + 2 * pair.tenure().ttl_s
    until(lambda: boottime() > over_at)
    assert pair.hosts_served() == ["c0", "c1"]
    assert pair.c0.sm.set_locked(locked=False, timeout_s=30.0) == ()
    until(pair.c0.serves)
