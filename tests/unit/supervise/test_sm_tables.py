"""What the tables say of a service and of its needs."""

from dataclasses import replace

import pytest

from insvc.adapters.sm_shipped import shipped_tables
from insvc.supervise.definition import FailureBudget
from insvc.supervise.sm_tables import (
    Dependency,
    Tables,
    is_provisioned,
    membership,
    needs_among,
)
from tests.unit.supervise.test_sm_completion import TABLES


def test_a_service_that_the_tables_do_not_name_is_of_no_group_and_in_use() -> None:
    assert membership(TABLES, "other") is None
    assert is_provisioned(TABLES, "other")


@pytest.mark.parametrize("table", ["services", "group_members", "groups", "domain_members"])
def test_a_service_is_in_use_while_all_its_rows_are(table: str) -> None:
    assert is_provisioned(TABLES, "x")
    rows = tuple(replace(one, provisioned=False) for one in getattr(TABLES, table))
    assert not is_provisioned(replace(TABLES, **{table: rows}), "x")  # type: ignore[arg-type]


def test_needs_lead_through_services_that_are_not_there() -> None:
    chain = Tables(
        dependencies=(
            Dependency(service="web", needs="api"),
            Dependency(service="web", needs="cache"),
            Dependency(service="api", needs="db"),
            Dependency(service="cache", needs="db"),
            Dependency(service="db", needs="web"),
        )
    )
    assert needs_among(chain, ["web", "db"]) == {"web": ("db",), "db": ("web",)}
    assert needs_among(chain, ["web", "api", "db"])["web"] == ("api", "db")
    assert needs_among(chain, ["web"]) == {"web": ()}


def test_the_inventory_needs_its_conductor_and_never_the_other_way_round() -> None:
    pairs = {(one.service, one.needs) for one in shipped_tables().dependencies}
    assert ("sysinv-inv", "sysinv-conductor") in pairs
    assert ("sysinv-conductor", "sysinv-inv") not in pairs


def test_replicated_devices_need_the_address_only_to_go_active() -> None:
    found = {one.action for one in shipped_tables().dependencies if one.service.startswith("drbd-")}
    assert found == {"go-active"}


def test_only_services_on_every_node_leave_nobody_standing_by() -> None:
    everywhere = {one.group for one in shipped_tables().domain_members if one.is_everywhere}
    assert everywhere == {"directory-services", "web-services", "storage-services"}


def test_nearly_every_failure_is_critical_to_its_group() -> None:
    minor = {one.service for one in shipped_tables().group_members if one.impact != "critical"}
    assert minor == {"nova-novnc", "nova-serialproxy", "vim-webserver"}


def test_the_exceptions_among_the_budgets() -> None:
    own = {one.name: one.budget for one in shipped_tables().services if one.budget is not None}
    assert own == {
        "cinder-volume": FailureBudget(deaths=32, forgiven=16, forgiven_each_s=180.0),
        "snmp": FailureBudget(deaths=32, forgiven=16, forgiven_each_s=90.0),
    }
