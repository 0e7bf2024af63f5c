"""How two controllers change places by themselves, and what they keep."""

import pytest

from insvc.adapters.pair_lease import FOLDER, FolderLease
from insvc.model.words import InstanceState, Role
from insvc.supervise.swact import What
from tests.fakes.host_folder import until
from tests.fakes.pair_of_hosts import PairOfHosts
from tests.integration.agent.test_sm_daemon import daemon, states

pytestmark = pytest.mark.integration
RUNNING = InstanceState.RUNNING


def test_the_role_outlives_the_cloud(pair: PairOfHosts) -> None:
    pair.start()
    assert pair.c0.sm.swact(force=False, timeout_s=30.0).done
    until(pair.c1.serves)
    pair.c0.stop()
    pair.c1.stop()
    assert pair.tenure().is_released
    pair.c0.start()
    pair.c1.start()
    until(pair.c1.serves)
    assert pair.hosts_served() == ["c0", "c1", "c1"]


def test_a_controller_that_has_failed_hands_over_once(pair: PairOfHosts) -> None:
    pair.c0.folder.define(
        "bad", "fails", manager="sm", runs_when="active", severity="critical", restarts=1
    )
    pair.c0.start()
    pair.c1.start()
    until(pair.c1.serves)
    assert pair.hosts_served() == ["c0", "c1"]
    until(lambda: pair.c0.role() is Role.STANDBY)
    # What it has failed by is still named: there it rests, and is counted as failed no more.
    until(lambda: "c0 is failed: bad" in pair.c1.sm.pre_check(What.SWACT).refusals)
    pair.c1.folder.define(
        "bad", "fails", manager="sm", runs_when="active", severity="critical", restarts=1
    )
    pair.c1.sm.read_again()
    until(lambda: pair.c1.sm.nodes().own.status == "failed")
    nodes = pair.c1.sm.nodes()
    assert nodes.peer is not None
    assert nodes.peer.status == "failed"
    assert pair.hosts_served() == ["c0", "c1"]


def test_a_service_manager_whose_lease_is_lost_stops_and_goes_on_later(pair: PairOfHosts) -> None:
    folder, away = pair.path / FOLDER, pair.path / "away"
    with daemon(pair.c0.folder) as c0:
        until(lambda: states(c0) == {"x": RUNNING})
        folder.rename(away)
        until(lambda: states(c0) == {"x": InstanceState.STOPPED})
        away.rename(folder)
        until(lambda: states(c0) == {"x": RUNNING})
        # Somebody else has it now, whoever that is: nothing of it is waited for.
        assert FolderLease(folder, "c1", 60.0).take(pair.tenure()) is not None
        until(lambda: states(c0) == {"x": InstanceState.STOPPED})
        assert c0.nodes().own.role is Role.STANDBY


def test_a_lease_that_has_run_out_is_taken_where_nobody_is_left(pair: PairOfHosts) -> None:
    assert FolderLease(pair.path / FOLDER, "c0", 0.5).take(None) is not None
    with daemon(pair.c1.folder) as c1:
        until(lambda: states(c1) == {"x": RUNNING})
    assert pair.tenure().epoch == 2
