"""The services of the page's commands."""

import pytest

from insvc.adapters.catalog_files import builtin
from insvc.compat import services

GROUPS = [services.NEUTRON, services.NOVA, services.CEPH, services.NEUTRON_OF_HAPROXY]


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group[0])
def test_every_service_is_in_the_catalog(group: tuple[str, ...]) -> None:
    catalog = builtin("titanium")
    assert [name for name in group if catalog.entry_of(name) is None] == []


@pytest.mark.parametrize(("name", "service"), services.ALIASES.items())
def test_an_alias_means_a_service_of_the_catalog(name: str, service: str) -> None:
    catalog = builtin("titanium")
    assert catalog.entry_of(service) is not None
    assert catalog.entry_of(name) is None


@pytest.mark.parametrize(
    ("word", "group"), [("neutron", services.NEUTRON), ("nova", services.NOVA)]
)
def test_no_service_of_a_family_is_forgotten(word: str, group: tuple[str, ...]) -> None:
    known = {one.name for entry in builtin("titanium").entries for one in entry.services}
    assert {name for name in known if name.startswith(f"{word}-")} == set(group)
