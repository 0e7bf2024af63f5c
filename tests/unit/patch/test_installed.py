"""`insvc.patch.installed`: what is known of what was installed, and so can be undone."""

from insvc.model.act import PackageChange
from insvc.patch.installed import InstalledPatch, combine, covers, still_there


def change(package: str, old: str | None, new: str) -> PackageChange:
    return PackageChange(package=package, from_version=old, to_version=new, path=f"/{package}.deb")


ONE = InstalledPatch(
    at=1.0, changes={"h1": (change("a", "1", "2"),), "h2": (change("b", "1", "2"),)}
)
TWO = InstalledPatch(at=2.0, changes={"h1": (change("a", "2", "3"), change("c", None, "1"))})


def test_two_patches_go_back_to_what_was_there_before_the_first() -> None:
    assert combine([ONE, TWO]) == {
        "h1": (change("a", "1", "3"), change("c", None, "1")),
        "h2": (change("b", "1", "2"),),
    }
    assert combine([]) == {}


def test_what_is_not_in_place_any_more_is_left_out() -> None:
    there = {"h1": {"a": "3"}, "h2": {"b": "1"}}
    assert still_there(combine([ONE, TWO]), there) == {"h1": (change("a", "1", "3"),)}


def test_a_run_covers_a_patch_whose_versions_it_all_knows() -> None:
    assert covers(combine([ONE]), ONE)
    assert not covers(combine([ONE, TWO]), ONE)
    assert not covers({}, ONE)
