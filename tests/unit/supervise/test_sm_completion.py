"""What the tables add to the definition of a service."""

from dataclasses import replace

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
from insvc.supervise.sm_completion import completed
from insvc.supervise.sm_tables import (
    Dependency,
    DomainMember,
    Group,
    GroupMember,
    Service,
    Tables,
    Times,
    serves_everywhere,
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


def test_a_service_of_a_group_that_is_everywhere_serves_beside_the_active_one_too() -> None:
    in_turn = definition("x", runs_when="active")
    assert completed(in_turn, TABLES).runs_when == "active"
    everywhere = DomainMember(domain="d", group="g", redundancy="N", n_active=2, m_standby=0)
    tables = replace(TABLES, domain_members=(everywhere,))
    assert completed(in_turn, tables).runs_when == "always"
    single = replace(everywhere, n_active=1)
    assert completed(in_turn, replace(tables, domain_members=(single,))).runs_when == "active"


def test_what_the_shipped_tables_serve_on_both_controllers() -> None:
    tables = shipped_tables()
    found = {one.name for one in tables.services if serves_everywhere(tables, one.name)}
    assert found == {"open-ldap", "lighttpd", "horizon", "ceph-rest-api"}
