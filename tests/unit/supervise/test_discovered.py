"""`insvc.supervise.discovered`: entries for what no catalog knows."""

from dataclasses import replace

import pytest

from insvc.catalog.entry import Catalog, Entry, Service
from insvc.model.words import Action, Manager, Personality, Redundancy
from insvc.supervise.definition import ServiceDefinition, StatusCheck
from insvc.supervise.discovered import Found, entry_of, with_discovered

CONTROLLER, WORKER = Personality.CONTROLLER, Personality.WORKER
FOO = ServiceDefinition(
    name="Foo", manager=Manager.PMON, package="foo", command=("foo",), pidfile="run/foo.pid"
)
KNOWN = Catalog(
    name="page",
    entries=(
        Entry(
            name="glance",
            title="Glance",
            function="images",
            in_service_patchable=True,
            managed_by=Manager.SM,
            services=(Service(name="glance-api"), Service(name="glance-registry")),
        ),
    ),
)


def test_what_the_catalog_has_stays_as_it_is() -> None:
    known = [replace(FOO, name="glance-api"), replace(FOO, name="Glance")]
    assert with_discovered(KNOWN, [Found(CONTROLLER, one) for one in known]) is KNOWN


def test_a_service_that_nobody_knows_gets_one_entry_for_all_its_hosts() -> None:
    found = [Found(WORKER, FOO), Found(CONTROLLER, FOO), Found(WORKER, FOO)]
    catalog = with_discovered(KNOWN, found)
    assert catalog.entries[:1] == KNOWN.entries
    (own,) = catalog.entries[1:]
    assert (own.name, own.title, own.managed_by) == ("foo", "Foo", Manager.PMON)
    assert own.runs_on == (WORKER, CONTROLLER)
    assert own.redundancy is Redundancy.PER_HOST
    assert own.services == (Service(name="Foo", pidfile="run/foo.pid"),)
    assert own.provenance["action"] == "discovered: definition of its manager"


def test_services_that_it_needs_become_entries_that_it_needs() -> None:
    bar = replace(FOO, name="Bar", runs_when="active", depends_on=("Foo", "Bar", "glance-api"))
    bar = replace(bar, depends_on=(*bar.depends_on, "glance-registry", "unknown"))
    catalog = with_discovered(KNOWN, [Found(CONTROLLER, bar), Found(CONTROLLER, FOO)])
    own = catalog.entry_of("Bar")
    assert own is not None
    assert own.depends_on == ("foo", "glance")
    assert own.redundancy is Redundancy.ACTIVE_STANDBY


@pytest.mark.parametrize(
    ("definition", "action"),
    [
        (FOO, Action.RESTART),
        (replace(FOO, hands_over=True), Action.HANDOFF),
        (replace(FOO, manager=Manager.CRON), Action.NEXT_RUN),
        (replace(FOO, status_check=StatusCheck(period_s=30, timeout_s=10)), Action.NONE),
    ],
)
def test_it_is_cured_as_its_manager_can(definition: ServiceDefinition, action: Action) -> None:
    entry = entry_of(definition, WORKER)
    assert entry.action is action
    assert entry.impact.new_requests == ("served" if action is Action.HANDOFF else "refused")


def test_without_a_pid_file_it_is_known_by_its_manager_alone() -> None:
    assert entry_of(replace(FOO, pidfile=""), WORKER).services == (Service(name="Foo"),)
