"""`insvc.catalog.local`: what a site and a host know better than discovery and the distribution."""

import dataclasses

import pytest

from insvc.catalog.entry import Probe, Service
from insvc.catalog.layers import Amendment
from insvc.catalog.local import lie_on_shipped, strangers
from insvc.catalog.settle import known_entries, settle
from insvc.model.act import DrainRule
from insvc.model.words import Manager, RestartClass
from tests.entries import a_layer
from tests.unit.catalog.test_settle import SHIPPED, found, one


@pytest.mark.parametrize("name", ["dbus.service", "dbus", "dbus*", "*.service"])
def test_a_layer_speaks_of_an_entry_by_its_names_or_by_a_glob(name: str) -> None:
    amended = Amendment(name=name, restart_class=RestartClass.AUTO, services=(Service(name="x"),))
    bus = one(found("dbus.service"), a_layer(amended))
    assert bus.restart_class is RestartClass.AUTO
    assert [service.name for service in bus.services] == ["dbus.service"]
    assert bus.provenance["restart_class"] == "site: north"


@pytest.mark.parametrize("name", ["web.service", "web*", "*"])
def test_a_layer_says_how_a_service_that_was_found_is_stopped_and_asked(name: str) -> None:
    drain, probe = DrainRule(timeout_s=2.0, on_timeout="leave"), Probe(kind="tcp", port=80)
    told = Service(name=name, drain=drain, readiness=probe, outage_probe=probe, pidfile="/x")
    web = one(found("web.service"), a_layer(Amendment(name="web.service", services=(told,))))
    (service,) = web.services
    assert service == Service(name="web.service", drain=drain, readiness=probe, outage_probe=probe)
    assert web.provenance["services"] == "site: north"


def test_what_a_layer_says_of_other_services_changes_none_that_was_found() -> None:
    told = Service(name="mail.service", drain=DrainRule(timeout_s=2.0))
    web = one(found("web.service"), a_layer(Amendment(name="web.service", services=(told,))))
    assert web.services == (Service(name="web.service"),)
    assert web.provenance["services"] == "discovered"


def test_only_its_exact_name_gives_an_entry_a_title() -> None:
    for name, title in (("dbus.service", "T"), ("dbus*", "System bus")):
        assert one(found("dbus.service"), a_layer(Amendment(name=name, title="T"))).title == title


def test_a_layer_for_what_is_not_here_changes_nothing() -> None:
    web = found("web.service")
    mail = Amendment(name="mail", restart_class=RestartClass.DEFERRED)
    assert one(web, a_layer(mail)) == one(web)


def test_the_more_specific_amendment_and_the_higher_layer_win() -> None:
    wide = Amendment(name="*", restart_class=RestartClass.DEFERRED)
    narrow = Amendment(name="dbus", restart_class=RestartClass.AUTO)
    assert one(found("dbus.service"), a_layer(narrow, wide)).restart_class is RestartClass.AUTO
    site, host = a_layer(narrow), a_layer(wide, level="host")
    bus = one(found("dbus.service"), host, site)
    assert bus.restart_class is RestartClass.DEFERRED


def test_a_layer_may_say_that_an_entry_is_not_here() -> None:
    catalog = settle([found("dbus.service"), found("a")], SHIPPED, [a_layer(without=("dbus",))])
    assert [entry.name for entry in catalog.entries] == ["a"]


def test_a_layer_adds_entries_that_discovery_then_finds() -> None:
    whole = Amendment(
        name="shop",
        title="Shop",
        function="Sells.",
        in_service_patchable=True,
        managed_by=Manager.SYSTEMD,
        services=(Service(name="shop@*.service"),),
        restart_class=RestartClass.ORDERED,
    )
    shop = one(found("shop@1.service"), a_layer(whole))
    assert (shop.restart_class, shop.function) == (RestartClass.ORDERED, "Sells.")
    known_already = dataclasses.replace(whole, name="dbus")
    bus = one(found("shop@1.service"), a_layer(known_already))
    assert bus.function == "Sells."
    assert bus.provenance["function"] == "site: north"
    (known,) = known_entries(["shop@2.service"], SHIPPED, [a_layer(whole)])
    assert known.restart_class is RestartClass.ORDERED


def test_layers_can_be_looked_at_on_a_shipped_catalog_away_from_its_host() -> None:
    layer = a_layer(
        Amendment(name="dbus", restart_class=RestartClass.AUTO),
        Amendment(name="getty*", restart_class=RestartClass.DEFERRED, title="T"),
        Amendment(name="shop@*", restart_class=RestartClass.ORDERED),
        without=("session",),
    )
    catalog = lie_on_shipped(SHIPPED, [layer])
    classes = {one.name: one.restart_class for one in catalog.entries}
    assert classes == {
        "dbus": RestartClass.AUTO,
        "getty": RestartClass.DEFERRED,
        "init": RestartClass.AUTO,
    }
    getty = catalog.entry("getty")
    assert getty is not None
    assert getty.services == (Service(name="getty@*.service"),)
    assert getty.title == "Console login"


def test_an_entry_is_meant_by_its_own_name_too() -> None:
    other = found("dbus.service", services=(Service(name="other"),))
    amended = Amendment(name="dbus.*", restart_class=RestartClass.DEFERRED)
    assert one(other, a_layer(amended)).restart_class is RestartClass.DEFERRED


def test_what_has_no_manager_is_amended_by_its_own_name_its_origin_or_a_glob() -> None:
    for name in ("session-3.scope", "session", "session-*"):
        amended = Amendment(name=name, restart_class=RestartClass.DEFERRED)
        (known,) = known_entries(["session-3.scope"], SHIPPED, [a_layer(amended)])
        assert known.restart_class is RestartClass.DEFERRED
    assert known_entries(["session-3.scope"], SHIPPED, [a_layer(without=("session",))]) == ()


def test_names_that_nobody_ships_are_told() -> None:
    whole = Amendment(
        name="shop",
        title="Shop",
        function="Sells.",
        in_service_patchable=True,
        managed_by=Manager.SYSTEMD,
    )
    known = [Amendment(name=name) for name in ("dbus", "getty@*", "session-*.scope")]
    layer = a_layer(whole, *known, Amendment(name="dbsu"), without=("nothing", "init"))
    assert strangers(SHIPPED, layer) == ("nothing", "dbsu")
