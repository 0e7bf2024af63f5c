"""`insvc.plan.alike`: which hosts are planned as one, and what stands for them."""

import dataclasses
from typing import Any

import pytest

from insvc.catalog.entry import AtMostOneDown
from insvc.errors import InputError, UnknownName
from insvc.model.observation import Evidence, HostObservation, Instance, ProcessIdentity
from insvc.model.words import (
    Action,
    EvidenceKind,
    InstanceState,
    Manager,
    Personality,
    Redundancy,
    RestartClass,
    Role,
    Verdict,
)
from insvc.plan.alike import FEWEST, fold, spread
from insvc.plan.plan import Omission
from insvc.plan.planner import make_plan
from insvc.plan.policy import MaxStarts, Policy, Window
from insvc.plan.view import Crowds
from tests.unit.plan.crowd import crowd, folded, kinds
from tests.unit.plan.sample import NEWER, REPLACED, Cloud, entry, fresh, stale

THREE = {"compute-0": ["compute-0", "compute-1", "compute-2"]}


def three(*instances: Instance, **fields: Any) -> Cloud:
    return crowd(Cloud(entry("db")), 3, *(instances or (stale("db"),)), **fields)


def test_the_first_of_a_kind_stands_for_all_in_the_order_of_the_topology() -> None:
    cloud = crowd(Cloud(entry("db")).host("storage-0", stale("db")), 3, stale("db"))
    found = folded(cloud)
    assert [host.name for host in found.topology.hosts] == ["storage-0", "compute-0"]
    assert [one.host for one in found.observation.hosts] == ["storage-0", "compute-0"]
    assert kinds(cloud) == THREE
    assert found.crowds.counts == {"compute-0": 3}


def test_every_host_of_a_kind_keeps_its_address() -> None:
    cloud = Cloud(entry("db"))
    for number in range(3):
        cloud.host(f"compute-{number}", stale("db"), address=f"10.0.0.{number}")
    addresses = folded(cloud).crowds.addresses
    assert addresses == {f"compute-{number}": f"10.0.0.{number}" for number in range(3)}


@pytest.mark.parametrize(
    "fields",
    [
        {"failure_domain": "east"},
        {"subfunctions": (Personality.STORAGE,)},
        {"role": Role.STANDBY},
        {"locked": True},
        {"reachable": False},
        {"conditions": ("package-transaction",)},
    ],
)
def test_a_host_that_differs_is_planned_by_itself(fields: dict[str, Any]) -> None:
    cloud = three().host("compute-3", stale("db"), **fields)
    assert kinds(cloud) == THREE
    assert [host.name for host in folded(cloud).topology.hosts] == ["compute-0", "compute-3"]


def test_another_personality_is_another_kind() -> None:
    cloud = crowd(three(), 3, stale("db"), kind="storage")
    assert list(kinds(cloud)) == ["compute-0", "storage-0"]


@pytest.mark.parametrize(
    "other",
    [
        (stale("api"),),
        (stale("db"), fresh("api")),
        (stale("db", manager=Manager.SYSTEMD),),
        (stale("db", state=InstanceState.STARTING),),
        (stale("db", verdict=Verdict.SUSPECT),),
        (stale("db", evidence=(NEWER,)),),
        (stale("db", evidence=(REPLACED, NEWER)),),
        (stale("db", evidence=(dataclasses.replace(REPLACED, subject="/usr/lib/liby.so"),)),),
    ],
)
def test_a_host_with_another_service_or_sign_is_not_alike(other: tuple[Instance, ...]) -> None:
    assert kinds(three().host("compute-3", *other)) == THREE


def test_what_no_plan_depends_on_makes_no_difference() -> None:
    sign = Evidence(
        kind=EvidenceKind.MAPPING_REPLACED, subject=REPLACED.subject, found="x", expected="y", pid=9
    )
    other = stale(
        "db",
        evidence=(sign,),
        processes=(ProcessIdentity(boot_id="other", pid=9, start_ticks=1),),
        started_in_s=4.0,
        endpoint="10.0.0.3:80",
        restarts=3,
    )
    cloud = three().host("compute-3", other, address="10.0.0.3", packages={"x": "1"})
    assert kinds(cloud) == {"compute-0": [f"compute-{number}" for number in range(4)]}


def test_fewer_hosts_than_it_pays_for_are_planned_one_by_one() -> None:
    assert kinds(three()) == THREE
    assert folded(three(), fewest=4).crowds == Crowds()
    cloud = three().host("storage-0", stale("db"))
    assert folded(cloud, fewest=4).topology == cloud.topology
    many = crowd(Cloud(entry("db")), FEWEST - 1, stale("db"))
    assert fold(many.observation, many.catalog, many.topology, Policy()).crowds == Crowds()
    crowd(many, 1, stale("db"), at=FEWEST)
    one = fold(many.observation, many.catalog, many.topology, Policy())
    assert one.crowds.counts == {"compute-0": FEWEST}


@pytest.mark.parametrize(
    "wish", [{"prefer_first": ("compute-0",)}, {"prefer_last": ("compute-1",)}]
)
def test_a_host_that_the_policy_names_stays_by_itself(wish: dict[str, Any]) -> None:
    cloud = crowd(Cloud(entry("db")), 4, stale("db"))
    ((name,),) = wish.values()
    ((first, alike),) = kinds(cloud, **wish).items()
    assert name not in alike
    assert len(alike) == 3
    assert {host.name for host in folded(cloud, **wish).topology.hosts} == {name, first}
    assert kinds(three(), **wish) == {}


@pytest.mark.parametrize(
    "policy",
    [
        {"windows": (Window(opens="01:00", closes="02:00"),)},
        {"max_starts": MaxStarts(count=1, within_s=60.0)},
        {"unlock": ("compute-9",)},
        {"order": ("db@compute-2",)},
        {"swact": "by-estimate"},
    ],
)
def test_some_policies_want_every_host_for_itself(policy: dict[str, Any]) -> None:
    found = folded(three(), **policy)
    assert found.crowds == Crowds()
    assert found.topology == three().topology


@pytest.mark.parametrize(
    "unfit",
    [
        {"state": InstanceState.STOPPED},
        {"state": InstanceState.FAILED},
        {"state": InstanceState.STARTING},
        {"manager": Manager.CRON},
    ],
)
def test_hosts_on_which_something_does_not_run_are_planned_one_by_one(
    unfit: dict[str, Any],
) -> None:
    assert kinds(three(stale("db"), fresh("api", **unfit))) == {}


@pytest.mark.parametrize("fields", [{"locked": True}, {"reachable": False}, {"role": Role.STANDBY}])
def test_hosts_out_of_service_are_planned_one_by_one(fields: dict[str, Any]) -> None:
    assert kinds(three(**fields)) == {}


def test_controllers_are_planned_one_by_one_even_as_a_subfunction() -> None:
    assert kinds(crowd(Cloud(entry("db")), 3, stale("db"), kind="controller", at=2)) == {}
    assert kinds(three(subfunctions=(Personality.CONTROLLER,))) == {}


@pytest.mark.parametrize(
    "special",
    [
        {"managed_by": Manager.CRON},
        {"action": Action.NEXT_RUN},
        {"action": Action.LOCK},
        {"in_service_patchable": False},
        {"restart_class": RestartClass.REBOOT_ONLY},
        {"redundancy": Redundancy.ACTIVE_STANDBY},
        {"redundancy": Redundancy.QUORUM},
        {"special_handling": (AtMostOneDown(service="db"),)},
    ],
)
def test_what_may_not_be_restarted_where_it_is_keeps_its_hosts_apart(
    special: dict[str, Any],
) -> None:
    cloud = crowd(Cloud(entry("db", **special)), 3, stale("db"))
    assert kinds(cloud) == {}


def test_what_no_catalog_knows_may_be_alike() -> None:
    assert kinds(three(stale("db"), stale("mystery"))) == THREE


def test_a_job_or_a_reboot_touches_every_host_of_a_crowd() -> None:
    for special in ({"action": Action.NEXT_RUN}, {"restart_class": RestartClass.REBOOT_ONLY}):
        cloud = crowd(Cloud(entry("db", **special)), FEWEST, stale("db"))
        plan = make_plan(cloud.observation, cloud.catalog, cloud.topology, Policy(allow_lock=True))
        assert len({step.host for step in plan.steps}) == FEWEST


def test_the_slowest_start_of_a_kind_counts_for_each_service() -> None:
    cloud = Cloud(entry("db"), entry("api"))
    for number, (db_s, api_s) in enumerate([(1.0, 9.0), (5.0, 2.0), (3.0, 4.0)]):
        cloud.host(
            f"compute-{number}", stale("db", started_in_s=db_s), stale("api", started_in_s=api_s)
        )
    (seen,) = folded(cloud).observation.hosts
    assert seen.host == "compute-0"
    assert [one.started_in_s for one in seen.instances] == [5.0, 9.0]


def test_one_unknown_start_makes_the_start_of_all_unknown() -> None:
    cloud = three().host("compute-3", stale("db", started_in_s=None))
    (seen,) = folded(cloud).observation.hosts
    assert seen.instances[0].started_in_s is None


def test_inputs_that_do_not_fit_one_another_are_left_to_the_view_to_refuse() -> None:
    twice = three()
    twice.seen.append(twice.seen[0])
    unseen = three()
    del unseen.seen[2]
    unknown = three()
    unknown.seen.append(HostObservation(host="compute-9"))
    expected = ((twice, InputError), (unseen, InputError), (unknown, UnknownName))
    for cloud, kind in expected:
        assert folded(cloud).crowds == Crowds()
        with pytest.raises(kind):
            cloud.plan()


def test_what_is_left_out_on_the_first_is_told_of_every_host() -> None:
    crowds = folded(three()).crowds
    omitted = [
        Omission(host="compute-0", service="db", entry="db", reason="is only suspected"),
        Omission(host="controller-0", service="db", entry="db", reason="is at rest"),
    ]
    assert spread(omitted, crowds) == (
        omitted[0],
        Omission(
            host="compute-1", service="db", entry="db", reason="as on compute-0: is only suspected"
        ),
        Omission(
            host="compute-2", service="db", entry="db", reason="as on compute-0: is only suspected"
        ),
        omitted[1],
    )
