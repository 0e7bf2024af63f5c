"""What is taken into use, what is refused, and what is told."""

from dataclasses import replace

import pytest

from insvc.adapters.sm_shipped import shipped_tables
from insvc.errors import InputError, UnknownName
from insvc.supervise.provisioning import KINDS, PAIRS, Change, Kind, changed, replayed
from insvc.supervise.sm_tables import GroupMember, Service, is_provisioned, membership

TABLES = shipped_tables()


def change(kind: Kind, name: str, member: str = "", *, provisioned: bool = False) -> Change:
    return Change(kind=kind, name=name, member=member, provisioned=provisioned)


@pytest.mark.parametrize(
    "made",
    [
        change("service", "vim"),
        change("service-group", "vim-services"),
        change("service-group-member", "vim-services", "vim"),
        change("service-domain-member", "controller", "vim-services"),
    ],
)
def test_a_row_out_of_use_takes_its_services_along_and_brings_them_back(made: Change) -> None:
    after = changed(TABLES, made, ())
    assert is_provisioned(TABLES, "vim")
    assert not is_provisioned(after, "vim")
    assert is_provisioned(after, "keystone")
    assert changed(after, replace(made, provisioned=True), ()) == TABLES


@pytest.mark.parametrize(
    "made",
    [
        change("service-domain", "controller"),
        change("service-domain-interface", "controller", "oam-interface"),
    ],
)
def test_domains_and_their_interfaces_have_rows_too(made: Change) -> None:
    after = changed(TABLES, made, ())
    assert after != TABLES
    assert changed(after, replace(made, provisioned=True), ()) == TABLES


def test_what_packages_deliver_can_be_given_a_place() -> None:
    made = change("service-group-member", "web-services", "mine", provisioned=True)
    for known in (TABLES, changed(TABLES, change("service", "mine"), {"mine"})):
        after = changed(known, made, {"mine"})
        assert [one.name for one in after.services].count("mine") == 1
        assert membership(after, "mine") == GroupMember(group="web-services", service="mine")


def test_a_service_has_one_group() -> None:
    made = change("service-group-member", "web-services", "vim", provisioned=True)
    with pytest.raises(InputError) as refusal:
        changed(TABLES, made, ())
    assert "is a member of vim-services, web-services" in refusal.value.reason


def test_a_new_place_in_a_domain_and_a_new_interface_are_added() -> None:
    tables = replace(TABLES, domain_members=(), interfaces=())
    after = changed(
        tables, change("service-domain-member", "controller", "web-services", provisioned=True), ()
    )
    assert after.domain_members[0].group == "web-services"
    after = changed(
        tables, change("service-domain-interface", "controller", "admin", provisioned=True), ()
    )
    assert after.interfaces[0].interface == "admin"


@pytest.mark.parametrize(
    "made",
    [
        change("service-domain", "nowhere"),
        change("service-domain-member", "nowhere", "web-services"),
        change("service-domain-member", "controller", "nothing"),
        change("service-domain-interface", "nowhere", "oam-interface"),
        change("service-group", "nothing"),
        change("service-group-member", "nothing", "vim"),
        change("service-group-member", "vim-services", "nobody"),
        change("service", "nobody"),
    ],
)
def test_a_name_that_nothing_has_is_refused_by_name(made: Change) -> None:
    with pytest.raises(UnknownName) as refusal:
        changed(TABLES, made, ())
    assert refusal.value.subject in {made.name, made.member}


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_has_as_many_names_as_its_kind(kind: Kind) -> None:
    wrong = change(kind, "x", "" if kind in PAIRS else "y")
    for one in (wrong, change(kind, "")):
        with pytest.raises(InputError, match="two names" if kind in PAIRS else "one name"):
            changed(TABLES, one, ())


def test_changes_are_replayed_and_those_that_fit_no_longer_are_told() -> None:
    after, faults = replayed(
        TABLES, [change("service", "vim"), change("service-group", "gone")], ()
    )
    assert not is_provisioned(after, "vim")
    assert len(faults) == 1
    assert faults[0].startswith("service-group gone: ")


def test_what_is_out_of_use_already_is_no_fault() -> None:
    made = change("service", "vim")
    after = changed(TABLES, made, ())
    assert changed(after, made, ()) == after
    assert Service(name="vim") not in after.services
