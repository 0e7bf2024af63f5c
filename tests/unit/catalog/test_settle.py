"""`insvc.catalog.settle`: discovery, the shipped catalog and layers make one catalog of a host."""

import dataclasses

import pytest

from insvc.catalog.entry import Entry, Impact, Note, Service
from insvc.catalog.layers import Layer
from insvc.catalog.settle import known_entries, settle
from insvc.model.act import DrainRule
from insvc.model.words import Action, Manager, Personality, Redundancy, RestartClass
from tests.entries import a_catalog, an_entry

REASON = Note(text="Everything talks over it.")
SHIPPED = a_catalog(
    an_entry(
        "dbus",
        title="System bus",
        function="Carries messages.",
        services=(Service(name="dbus.service"),),
        restart_class=RestartClass.REBOOT_ONLY,
        special_handling=(REASON,),
        impact=Impact(note="logins hang"),
    ),
    an_entry(
        "getty",
        title="Console login",
        services=(Service(name="getty@*.service"),),
        restart_class=RestartClass.SESSION_KILLING,
    ),
    an_entry(
        "session",
        title="Session",
        managed_by=Manager.NONE,
        services=(Service(name="session-*.scope"),),
        action=Action.NONE,
    ),
    an_entry("init", services=(Service(name="init.scope"),), action=Action.HANDLER),
)


def found(name: str, **fields: object) -> Entry:
    given: dict[str, object] = {
        "title": name,
        "managed_by": Manager.SYSTEMD,
        "runs_on": (Personality.HOST,),
        "redundancy": Redundancy.PER_HOST,
        "provenance": {"services": "discovered"},
    }
    return an_entry(name, **(given | fields))


def one(entry: Entry, *layers: Layer) -> Entry:
    (settled,) = settle([entry], SHIPPED, layers).entries
    return settled


def test_what_nobody_sees_by_looking_comes_from_the_shipped_entry() -> None:
    drain = Service(name="dbus.service", drain=DrainRule(timeout_s=5))
    bus = one(found("dbus.service", services=(drain,), depends_on=("a.service",)))
    assert (bus.title, bus.function) == ("System bus", "Carries messages.")
    assert bus.restart_class is RestartClass.REBOOT_ONLY
    assert bus.special_handling == (REASON,)
    assert bus.impact.note == "logins hang"
    assert bus.provenance["restart_class"] == "tested, dbus"


def test_what_discovery_knows_stays() -> None:
    drain = Service(name="dbus.service", drain=DrainRule(timeout_s=5))
    own = Note(text="Found here.")
    bus = one(
        found(
            "dbus.service",
            services=(drain,),
            depends_on=("a.service",),
            special_handling=(own, REASON),
            impact=Impact(longest_s=90.0),
        )
    )
    known = a_catalog(an_entry("dbus.service", impact=Impact(longest_s=5.0)))
    (short,) = settle([found("dbus.service", impact=Impact(longest_s=90.0))], known).entries
    assert short.impact.longest_s == 5.0
    assert bus.services == (drain,)
    assert bus.depends_on == ("a.service",)
    assert bus.managed_by is Manager.SYSTEMD
    assert bus.special_handling == (REASON, own)
    assert bus.impact.longest_s == 90.0
    assert bus.provenance["services"] == "discovered"


def test_what_no_shipped_entry_knows_stays_as_it_was_found() -> None:
    web = found("web.service")
    assert one(web) == dataclasses.replace(web, aliases=("web",))


def test_a_unit_is_known_by_its_short_name_unless_something_else_is_called_so() -> None:
    names = ("web.service", "web", "mail.service", "session-1.scope")
    catalog = settle(map(found, names), SHIPPED)
    assert [entry.aliases for entry in catalog.entries] == [(), (), ("mail",), ()]
    mail = catalog.entry("mail")
    assert mail is not None
    assert mail.name == "mail.service"


def test_several_services_of_one_shipped_entry_are_told_apart() -> None:
    names = ("getty@tty1.service", "getty@tty2.service")
    settled = settle([found(name) for name in names], SHIPPED).entries
    assert [entry.title for entry in settled] == [f"Console login ({name})" for name in names]
    assert {entry.restart_class for entry in settled} == {RestartClass.SESSION_KILLING}


def test_the_first_of_a_name_counts() -> None:
    entries = settle([found("a", function="1"), found("a", function="2")], SHIPPED).entries
    assert [entry.function for entry in entries] == ["1"]


@pytest.mark.parametrize(
    ("discovered", "shipped", "expected"),
    [
        (Action.HANDOFF, Action.RESTART, Action.HANDOFF),
        (Action.NEXT_RUN, Action.RESTART, Action.NEXT_RUN),
        (Action.NEXT_RUN, Action.RELOAD, Action.NEXT_RUN),
        (Action.NONE, Action.RESTART, Action.NONE),
        (Action.NONE, Action.HANDLER, Action.HANDLER),
        (Action.RESTART, Action.NONE, Action.NONE),
        (Action.RESTART, Action.RELOAD, Action.RELOAD),
    ],
)
def test_discovery_may_know_a_gentler_way_and_a_job_stays_a_job(
    discovered: Action, shipped: Action, expected: Action
) -> None:
    known = a_catalog(an_entry("a", action=shipped))
    (entry,) = settle([found("a", action=discovered)], known).entries
    assert entry.action is expected


def test_it_may_be_restarted_in_service_only_if_both_say_so() -> None:
    for shipped, seen in ((True, False), (False, True)):
        known = a_catalog(an_entry("a", in_service_patchable=shipped))
        (entry,) = settle([found("a", in_service_patchable=seen)], known).entries
        assert not entry.in_service_patchable


def test_an_entry_is_also_found_by_its_own_name() -> None:
    bus = one(found("dbus.service", services=(Service(name="other"),)))
    assert bus.restart_class is RestartClass.REBOOT_ONLY


def test_what_no_manager_tells_of_is_known_by_its_name() -> None:
    (session, init) = known_entries(["session-3.scope", "process:x", "init.scope"], SHIPPED)
    assert (session.name, session.title) == ("session-3.scope", "Session (session-3.scope)")
    assert session.services == (Service(name="session-3.scope"),)
    assert session.managed_by is Manager.NONE
    assert (session.runs_on, session.redundancy) == ((Personality.HOST,), Redundancy.PER_HOST)
    assert (init.title, init.action) == ("Init", Action.HANDLER)
    assert session.provenance["action"] == "tested, session"
    assert one(session).action is Action.NONE
    assert one(init).action is Action.HANDLER


def test_the_reason_of_a_shipped_catalog_is_kept_with_its_name() -> None:
    reasoned = an_entry(
        "dbus", services=(Service(name="dbus.service"),), provenance={"action": "a: b"}
    )
    (bus,) = settle([found("dbus.service")], a_catalog(reasoned)).entries
    assert bus.provenance["action"] == "tested, dbus: b"
    assert bus.provenance["impact"] == "tested, dbus"


@pytest.mark.parametrize(
    ("known", "action"),
    [
        (Action.HANDOFF, Action.RESTART),
        (Action.RELOAD, Action.RESTART),
        (Action.HANDLER, Action.RESTART),
        (Action.NONE, Action.NONE),
    ],
)
def test_a_cluster_restarts_a_unit_whose_class_is_known(known: Action, action: Action) -> None:
    unit = an_entry(
        "db",
        services=(Service(name="db.service"),),
        restart_class=RestartClass.ORDERED,
        action=known,
    )
    resource = found("data", managed_by=Manager.PACEMAKER, aliases=("db.service",))
    (settled,) = settle([resource], a_catalog(unit)).entries
    assert (settled.name, settled.restart_class) == ("data", RestartClass.ORDERED)
    assert settled.action is action
    assert settled.services == resource.services
