"""Names that lead nowhere, to two places, or round in a circle."""

from insvc.catalog.entry import AtMostOneDown, Before, Catalog, Note, ReapOrphans, Service
from insvc.catalog.lint_names import check, find_circle
from tests.entries import a_catalog, an_entry


def codes(catalog: Catalog) -> list[tuple[str, str]]:
    return [(one.code, one.subject) for one in check(catalog)]


def test_a_sound_catalog_has_no_findings() -> None:
    sound = a_catalog(
        an_entry("a", aliases=("first",)),
        an_entry("b", depends_on=("a",), special_handling=(AtMostOneDown(service="b"),)),
    )
    assert codes(sound) == []


def test_a_dependency_that_is_not_there() -> None:
    assert codes(a_catalog(an_entry(depends_on=("db",)))) == [("CAT101", "web")]


def test_rules_that_speak_of_no_service_of_the_entry() -> None:
    rules = (AtMostOneDown(service="x"), ReapOrphans(match="m", of="y"), Note(text="z"))
    assert codes(a_catalog(an_entry(special_handling=rules))) == [("CAT102", "web")] * 2


def test_a_circle_of_dependencies_and_orders() -> None:
    catalog = a_catalog(
        an_entry("a", depends_on=("b",)),
        an_entry("b"),
        an_entry("c", depends_on=("a",), special_handling=(Before(entries=("b",)),)),
    )
    found = [one for one in check(catalog) if one.code == "CAT103"]
    assert [one.reason for one in found] == ["waits for itself: a after b after c after a"]


def test_an_order_over_unknown_names_is_no_circle() -> None:
    assert codes(a_catalog(an_entry(special_handling=(Before(entries=("x", "y")),)))) == []


def test_circles_are_found_in_any_shape() -> None:
    assert find_circle({"a": {"a"}}) == ("a",)
    assert find_circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == ()
    assert find_circle({"a": {"b", "c"}, "b": {"d"}, "c": {"d"}, "d": {"c"}}) == ("d", "c")
    assert find_circle({}) == ()


def test_a_very_long_chain_is_no_circle() -> None:
    chain = {str(at): {str(at + 1)} for at in range(5000)}
    assert find_circle(chain) == ()


def test_a_service_of_two_entries() -> None:
    both = (Service(name="shared"),)
    catalog = a_catalog(an_entry("a", services=both), an_entry("b", services=both))
    assert codes(catalog) == [("CAT104", "b")]


def test_a_title_or_alias_that_another_has() -> None:
    catalog = a_catalog(
        an_entry("a", aliases=("store",)), an_entry("b", title="A"), an_entry("store", title="S")
    )
    found = [(one.code, one.subject, one.field) for one in check(catalog)]
    assert found == [("CAT105", "a", "aliases"), ("CAT105", "b", "title")]
