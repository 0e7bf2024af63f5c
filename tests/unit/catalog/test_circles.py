"""`insvc.catalog.circles`: dependencies that no order can keep."""

from insvc.catalog.circles import without_circles
from insvc.catalog.entry import Entry
from insvc.model.words import Manager


def entry(name: str, *needs: str) -> Entry:
    return Entry(
        name=name,
        title=name,
        function="does",
        in_service_patchable=True,
        managed_by=Manager.LSB,
        depends_on=needs,
    )


def test_entries_without_a_circle_stay_as_they_are() -> None:
    entries = (entry("a", "b", "absent"), entry("b"))
    assert without_circles(entries) == (entries, ())


def test_every_circle_is_told_and_what_leads_out_of_it_stays() -> None:
    entries = [
        entry("a", "b", "z"),
        entry("b", "a"),
        entry("c", "d"),
        entry("d", "e"),
        entry("e", "c", "a"),
        entry("f", "f"),
        entry("z"),
    ]
    kept, circles = without_circles(entries)
    assert [(one.name, one.depends_on) for one in kept] == [
        ("a", ("z",)),
        ("b", ()),
        ("c", ()),
        ("d", ()),
        ("e", ("a",)),
        ("f", ()),
        ("z", ()),
    ]
    assert sorted(circles) == ["a, b", "c, d, e", "f"]
