"""What the tables say of a service and of its needs."""

from dataclasses import replace

import pytest

from insvc.adapters.sm_shipped import shipped_tables
from insvc.model.words import Manager
from insvc.supervise.definition import (
    ActionRule,
    ActiveCheck,
    FailureBudget,
    Heartbeat,
    ScriptControl,
    ServiceDefinition,
)
from insvc.supervise.sm_tables import (
    Dependency,
    DomainMember,
    Group,
    GroupMember,
    Service,
    Tables,
    Times,
    completed,
    is_provisioned,
    membership,
    needs_among,
)

TABLES = Tables(
    groups=(Group(name="g"),),
    domain_members=(DomainMember(domain="d", group="g"),),
    group_members=(GroupMember(group="g", service="x", impact="minor"),),
    times=(
        Times(name="slow", enable_s=60.0, disable_s=30.0, audit_s=15.0, audit_every_s=40.0),
        Times(name="mute", enable_s=60.0, disable_s=30.0),
    ),
    services=(
        Service(name="x", times="slow", budget=FailureBudget(deaths=32)),
        Service(name="m", times="mute"),
        Service(name="p"),
    ),
)
SCRIPT = ScriptControl(style="lsb", name="etc/init.d/x")


def definition(name: str, **fields: object) -> ServiceDefinition:
    made = ServiceDefinition(name=name, manager=Manager.SM, package=name, script=SCRIPT)
    return replace(made, **fields)  # type: ignore[arg-type]


def test_a_definition_takes_group_impact_budget_and_times_from_the_tables() -> None:
    done = completed(definition("x"), TABLES)
    assert (done.group, done.severity, done.audit_s) == ("g", "minor", 40.0)
    assert done.budget == FailureBudget(deaths=32)
    assert done.script is not None
    assert done.script.start == ActionRule(timeout_s=60.0, retries=2)
    assert done.script.stop == ActionRule(timeout_s=30.0, retries=1)
    assert done.script.status == ActionRule(timeout_s=15.0, retries=2)


def test_what_a_package_says_itself_stays() -> None:
    own = replace(SCRIPT, start=ActionRule(timeout_s=5.0))
    mine = definition("x", script=own, budget=FailureBudget(deaths=9), audit_s=3.0)
    done = completed(mine, TABLES)
    assert (done.script, done.budget, done.audit_s) == (own, mine.budget, 3.0)


def test_needs_of_the_tables_and_of_the_package_hold_together() -> None:
    tables = replace(
        TABLES,
        dependencies=(Dependency(service="p", needs="x"), Dependency(service="p", needs="db")),
    )
    assert completed(definition("p", depends_on=("db", "own")), tables).depends_on == (
        "db",
        "own",
        "x",
    )


def test_heartbeats_are_the_audits_of_a_service_that_has_them() -> None:
    beat = Heartbeat(port=7000, interval_s=0.5, fail=4)
    done = completed(definition("p", heartbeat=beat, audit_s=30.0), TABLES)
    assert (done.audit_s, done.audit_misses) == (0.5, 4)
    assert done.active_check == ActiveCheck(port=7000, period_s=0.5, timeout_s=0.5, threshold=4)


def test_times_that_nobody_knows_are_not_made_up() -> None:
    done = completed(definition("m"), TABLES)
    assert done.script is not None
    assert (done.script.status, done.audit_s) == (SCRIPT.status, 0.0)
    assert completed(definition("p"), TABLES) == definition("p")


def test_a_service_that_the_tables_do_not_name_is_as_its_package_says() -> None:
    mine = definition("other", group="mine", severity="major")
    assert completed(mine, TABLES) == mine
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
