"""Finding entries and services by the names people use."""

from insvc.catalog.entry import Service
from insvc.model.words import Redundancy
from tests.entries import a_catalog, an_entry


def test_an_entry_is_found_by_name_title_and_alias_in_any_case() -> None:
    entry = an_entry("store", title="Store & Co", aliases=("depot",))
    catalog = a_catalog(an_entry("web"), entry)
    assert [catalog.entry(one) for one in ("STORE", "store & co", "Depot")] == [entry] * 3
    assert catalog.entry("stor") is None


def test_a_name_wins_over_another_entrys_alias() -> None:
    first, second = an_entry("web", aliases=("store",)), an_entry("store")
    assert a_catalog(first, second).entry("store") is second


def test_an_entry_is_found_by_its_service() -> None:
    entry = an_entry("store", services=(Service(name="store-mon"),))
    catalog = a_catalog(an_entry("web"), entry)
    assert catalog.entry_of("store-mon") is entry
    assert catalog.entry_of("store") is None


def test_a_service_may_have_a_redundancy_of_its_own() -> None:
    voter = Service(name="store-mon", redundancy=Redundancy.QUORUM)
    entry = an_entry(services=(voter, Service(name="disk")), redundancy=Redundancy.PER_HOST)
    assert entry.redundancy_of("store-mon") is Redundancy.QUORUM
    assert entry.redundancy_of("disk") is Redundancy.PER_HOST
    assert entry.redundancy_of("nobody") is Redundancy.PER_HOST
