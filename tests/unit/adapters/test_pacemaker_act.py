"""One restart through a cluster, and everything that may come between."""

from collections.abc import Callable

import pytest

from insvc.adapters.pacemaker import Pacemaker
from insvc.errors import WorldError
from insvc.model.manager_row import ManagerRow
from insvc.model.restart import Order, Restarted
from insvc.model.words import InstanceState, Manager
from tests.fakes.host_manager import FakeHostManager
from tests.fakes.pacemaker import THERE, FakeCluster, FakeResource

SHORT = Order(service="web", timeout_s=0.2)


def restart(cluster: FakeCluster, order: Order = SHORT) -> Restarted:
    return Pacemaker(tools=cluster, pause=lambda _: None).restart(order)


def test_a_restart_leaves_nothing_in_the_configuration() -> None:
    cluster = FakeCluster(web=FakeResource())
    told = restart(cluster)
    assert told == Restarted(done=True, said="Pacemaker restarted it on one", times=told.times)
    assert set(told.times) == {"stopped", "started", "ready"}
    assert told.times["stopped"] <= told.times["started"] <= told.times["ready"]
    assert cluster.held == {}
    assert cluster.resources["web"].last[0] == "start"


def test_the_lease_goes_as_soon_as_the_stop_has_begun() -> None:
    web = FakeResource(thinks=10**9)
    cluster = FakeCluster(web=web)
    told = restart(cluster)
    assert (told.done, told.said) == (False, "it was not started again in time")
    assert cluster.held == {}
    assert [one.startswith("<") for one in cluster.asked] == [True, False, False]


def test_a_resource_that_nobody_watches_is_done_once_it_was_started() -> None:
    assert restart(FakeCluster(web=FakeResource(is_watched=False, watch=None))).done


def test_a_copy_is_kept_away_until_the_cluster_has_arranged_itself() -> None:
    cluster = FakeCluster(web=FakeResource(clone="all", thinks=2, role="Promoted"))
    cluster.states = ["S_IDLE", "S_TRANSITION_ENGINE"]
    assert restart(cluster).done
    (text, query) = cluster.asked
    assert "insvc-away-all-one" in text
    assert "insvc-away-all-one" in query


def test_a_member_of_a_group_is_found_in_its_group() -> None:
    cluster = FakeCluster(web=FakeResource(group="site"))
    assert restart(cluster).done
    assert '<group id="site"><primitive id="web">' in cluster.asked[0]


def test_what_the_cluster_does_not_stop_is_left_as_it_is() -> None:
    cluster = FakeCluster(web=FakeResource(is_deaf=True))
    told = restart(cluster)
    assert (told.done, told.said) == (False, "Pacemaker did not stop it within 0.2 s")
    assert cluster.held == {}
    assert cluster.resources["web"].node == "one"


@pytest.mark.parametrize(
    ("web", "said"),
    [
        (FakeResource(start_code=1), "its start failed: code 1"),
        (FakeResource(watch_code=7), "its monitor failed: code 7"),
        (FakeResource(moves_to=THERE), "Pacemaker started it on two instead"),
        (FakeResource(rests=True), "it was not started again in time"),
        (
            FakeResource(is_watched=False),
            "it was started, and its monitor or the cluster did not come to rest in time",
        ),
    ],
)
def test_a_restart_that_does_not_end_well_says_why(web: FakeResource, said: str) -> None:
    cluster = FakeCluster(web=web)
    told = restart(cluster)
    assert (told.done, told.said) == (False, said)
    assert cluster.held == {}


def test_a_stop_that_fails_is_told_of() -> None:
    cluster = FakeCluster(web=FakeResource(clone="all", stop_code=1, thinks=0))
    told = restart(cluster)
    assert (told.done, told.said) == (False, "its stop failed: code 1")
    assert cluster.held == {}


def test_a_failure_that_is_counted_meanwhile_is_no_good_end() -> None:
    web = FakeResource()
    web.on_start = lambda: setattr(web, "failures", "1")
    told = restart(FakeCluster(web=web))
    assert (told.done, told.said) == (False, "it failed once more since")


def test_a_cluster_that_is_silent_for_a_while_is_asked_again() -> None:
    cluster = FakeCluster(web=FakeResource())
    web = cluster.resources["web"]
    web.on_start = lambda: setattr(cluster, "silent", 7)
    assert restart(cluster).done


def test_a_lease_that_cannot_be_taken_away_ends_by_itself() -> None:
    class Stubborn(FakeCluster):
        def delete(self, query: str) -> None:
            raise WorldError("pacemaker: cibadmin", f"refuses {query}", next_act="look")

    cluster = Stubborn(web=FakeResource())
    told = restart(cluster)
    assert not told.done
    assert set(cluster.held) == {"insvc-stop-web", "insvc-stay-web"}


def test_a_lease_that_was_refused_is_taken_away_all_the_same() -> None:
    class Full(FakeCluster):
        def modify(self, text: str) -> None:
            raise WorldError("pacemaker: cibadmin", f"timed out: {text}", next_act="look")

    cluster = Full(web=FakeResource())
    with pytest.raises(WorldError, match="timed out"):
        restart(cluster)
    assert [one.startswith("//") for one in cluster.asked] == [True, True]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda one: setattr(one, "quorum", "false"), "no quorum"),
        (lambda one: setattr(one, "controller", ""), "no controller"),
        (lambda one: setattr(one, "maintenance", "true"), "in maintenance"),
        (lambda one: setattr(one.resources["web"], "extra", {"managed": "false"}), "not manage"),
        (lambda one: setattr(one.resources["web"], "failures", "INFINITY"), "failed 1000000 times"),
        (lambda one: setattr(one.resources["web"], "node", THERE), "not run on one but on two"),
        (lambda one: setattr(one, "states", ["S_ELECTION"] * 100_000), "still at work"),
    ],
)
def test_what_must_not_be_is_refused_by_name_and_nothing_is_done(
    change: Callable[[FakeCluster], object], reason: str
) -> None:
    cluster = FakeCluster(web=FakeResource())
    change(cluster)
    with pytest.raises(WorldError, match=reason) as refused:
        restart(cluster)
    assert refused.value.subject == "web"
    assert refused.value.next_act
    assert cluster.asked == []


def test_a_transition_under_way_is_waited_for() -> None:
    cluster = FakeCluster(web=FakeResource())
    cluster.states = ["S_TRANSITION_ENGINE", "S_POLICY_ENGINE"]
    assert restart(cluster).done


def test_a_resource_that_a_cut_off_restart_left_down_is_brought_back() -> None:
    cluster = FakeCluster(web=FakeResource(node="", last=("stop", 9, 0, 0), watch=None))
    cluster.held = dict.fromkeys(("insvc-stop-web", "insvc-stay-web"), "2026-11-23 12:37:35Z")
    told = restart(cluster)
    assert told.done
    assert cluster.held == {}
    assert cluster.resources["web"].node == "one"


def test_a_lease_that_had_not_stopped_anything_is_taken_away_first() -> None:
    cluster = FakeCluster(web=FakeResource())
    cluster.held = {"insvc-stay-web": "2026-11-23 12:37:35Z"}
    assert restart(cluster).done
    assert cluster.asked[0] == "//*[@id='insvc-stay-web']"


def units() -> FakeHostManager:
    return FakeHostManager(
        *(
            ManagerRow(name=name, manager=Manager.SYSTEMD, state=InstanceState.RUNNING, pid=5)
            for name in ("pacemaker.service", "corosync.service")
        )
    )


def restart_unit(cluster: FakeCluster, systemd: FakeHostManager) -> Restarted:
    manager = Pacemaker(units=systemd, tools=cluster, pause=lambda _: None)
    return manager.restart(Order(service="corosync.service", timeout_s=0.2))


def test_the_cluster_itself_is_not_restarted_under_what_runs() -> None:
    systemd = units()
    with pytest.raises(WorldError, match="take away what runs on one"):
        restart_unit(FakeCluster(web=FakeResource()), systemd)
    assert systemd.orders == []


def test_the_cluster_itself_is_restarted_in_standby_and_is_online_again() -> None:
    cluster = FakeCluster(web=FakeResource(node=THERE))
    cluster.nodes["one"] = {"standby": "true"}
    assert restart_unit(cluster, units()).done


def test_a_node_that_does_not_come_back_in_time_is_told_of() -> None:
    cluster = FakeCluster()
    cluster.nodes["one"] = {"standby": "true"}

    class Gone(FakeHostManager):
        def restart(self, order: Order) -> Restarted:
            cluster.silent = 10_000_000
            return super().restart(order)

    told = restart_unit(cluster, Gone(*units().look().rows))
    assert (told.done, told.said) == (
        False,
        "restarted; this node was not online again in time",
    )


def test_a_restart_of_the_cluster_that_systemd_does_not_end_well_is_passed_on() -> None:
    cluster = FakeCluster()
    cluster.nodes["one"] = {"standby": "true"}

    class Failing(FakeHostManager):
        def restart(self, order: Order) -> Restarted:
            return Restarted(done=False, said=f"{order.service} has failed")

    told = restart_unit(cluster, Failing(*units().look().rows))
    assert (told.done, told.said) == (False, "corosync.service has failed")


def test_a_node_that_is_not_online_yet_is_waited_for() -> None:
    cluster = FakeCluster()
    cluster.nodes["one"] = {"standby": "true"}

    class Slow(FakeHostManager):
        def restart(self, order: Order) -> Restarted:
            cluster.silent, cluster.elections = 2, 3
            return super().restart(order)

    assert restart_unit(cluster, Slow(*units().look().rows)).done
    assert cluster.elections == 0
