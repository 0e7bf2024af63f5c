"""Which of the names may be restarted, and what is said of the rest."""

from dataclasses import replace

import pytest

from insvc.adapters.catalog_files import builtin
from insvc.compat.choice import (
    choose,
    in_the_way,
    instances_of,
    is_passing,
    with_dependants,
)
from insvc.compat.code import Code
from insvc.model.observation import HostObservation, Instance
from insvc.model.words import InstanceState, Manager, Role
from insvc.plan.steps import restarts_dependants

CATALOG = builtin("titanium")


def host(*instances: Instance, role: Role | None = Role.ACTIVE) -> HostObservation:
    """A controller that has these."""
    return HostObservation(host="controller-0", role=role, instances=instances)


def one(service: str, manager: Manager = Manager.SM, state: str = "running") -> Instance:
    """An instance in that state."""
    return Instance(service=service, manager=manager, state=InstanceState(state))


def test_an_entry_means_all_of_its_services_on_the_host() -> None:
    seen = host(one("glance-api"), one("glance-registry"), one("cinder-api"))
    assert choose(["glance"], seen, CATALOG).services == ("glance-api", "glance-registry")


def test_a_service_means_itself_whatever_entry_it_is_of() -> None:
    seen = host(one("glance-api"), one("glance-registry"))
    assert [found.service for found in instances_of("glance-api", seen, CATALOG)] == ["glance-api"]


def test_what_is_named_twice_is_restarted_once() -> None:
    seen = host(one("glance-api"))
    assert choose(["glance-api", "glance"], seen, CATALOG).services == ("glance-api",)


def test_what_has_failed_is_told_with_what_starts_it() -> None:
    (left,) = choose(["vim"], host(one("vim", state="failed")), CATALOG).left
    assert "see `insvc alarm list`" in left.said


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("stopped", Code.DONE),
        ("scheduled", Code.DONE),
        ("disabled", Code.DISABLED),
        ("failed", Code.DEAD),
        ("unknown", Code.UNREACHABLE),
        ("starting", Code.TIMEOUT),
        ("stopping", Code.TIMEOUT),
    ],
)
def test_what_does_not_run_is_left_alone_and_told_apart(state: str, code: Code) -> None:
    choice = choose(["vim"], host(one("vim", state=state)), CATALOG)
    assert choice.services == ()
    assert [found.code for found in choice.left] == [code]


def test_a_name_that_nobody_knows_is_no_success() -> None:
    (left,) = choose(["ceilometer-poling"], host(), CATALOG).left
    assert left.code is Code.UNKNOWN_NAME


def test_what_belongs_on_another_host_is_skipped() -> None:
    (left,) = choose(["nova-compute"], host(), CATALOG).left
    assert (left.code, left.said) == (Code.DONE, "does not belong on controller-0: skipped")


def test_of_a_silent_host_nothing_is_known() -> None:
    silent = HostObservation(host="controller-0", reachable=False)
    (left,) = choose(["vim"], silent, CATALOG).left
    assert left.code is Code.UNREACHABLE


def test_a_service_of_another_manager_is_not_its_service() -> None:
    (left,) = choose(["vim"], host(one("vim")), CATALOG, Manager.PMON).left
    assert left.code is Code.UNKNOWN_NAME
    assert left.said == "is not known to pmon: sm manages it"


def test_only_what_is_on_its_way_is_waited_for() -> None:
    assert is_passing(["vim"], host(one("vim", state="starting")), CATALOG)
    assert not is_passing(["vim"], host(one("vim"), one("vim-api", state="starting")), CATALOG)


def test_cinder_waits_for_ceph_on_the_active_controller() -> None:
    seen = host(one("cinder-api"), one("ceph-mon", Manager.PMON, "starting"))
    assert "ceph-osd & ceph-mon is being restarted on controller-0" in str(
        in_the_way(["cinder-api"], seen, CATALOG)
    )


def test_what_a_run_is_about_to_restart_is_in_the_way_too() -> None:
    seen = host(one("cinder-api"), one("ceph-mon", Manager.PMON))
    assert in_the_way(["cinder-api"], seen, CATALOG) is None
    assert in_the_way(["cinder-api"], seen, CATALOG, ["ceph-mon"]) is not None


def test_ceph_is_in_nobodys_way_elsewhere_or_for_others() -> None:
    moving = one("ceph-mon", Manager.PMON, "stopping")
    assert in_the_way(["cinder-api"], host(moving, role=Role.STANDBY), CATALOG) is None
    assert in_the_way(["vim"], host(moving), CATALOG) is None


@pytest.mark.parametrize("wanted", [True, False])
def test_dependants_go_along_as_it_was_asked(wanted: bool) -> None:
    changed = with_dependants(CATALOG, ["keystone"], wanted=wanted)
    entry = changed.entry_of("keystone")
    assert entry is not None
    assert restarts_dependants(entry) is wanted
    assert changed.entry("vim") == CATALOG.entry("vim")


def test_only_services_of_sm_have_dependants_that_go_along() -> None:
    changed = with_dependants(CATALOG, ["neutron-server", "neutron-dhcp-agent"], wanted=True)
    assert changed.entry("neutron-server") != CATALOG.entry("neutron-server")
    assert changed.entry("neutron-dhcp-agent") == CATALOG.entry("neutron-dhcp-agent")


def test_of_what_cannot_be_asked_all_is_told_that_the_host_told() -> None:
    silent = host(one("vim", state="unknown"))
    told = replace(silent, unseen=("etc/pmon.d/vim.conf: misconfigured: lacks pidfile",))
    (left,) = choose(["vim"], silent, CATALOG).left
    assert left.said == "cannot be asked: its manager does not answer"
    (left,) = choose(["vim"], told, CATALOG).left
    assert left.said == "cannot be asked: etc/pmon.d/vim.conf: misconfigured: lacks pidfile"
