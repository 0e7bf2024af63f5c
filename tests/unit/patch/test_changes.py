"""The changes of a patch, and the way back."""

import pytest

from insvc.errors import UnknownName
from insvc.model.act import PackageChange
from insvc.patch.changes import archive_of, file_name, plan_changes, reverse

INSTALLED = {
    "c0": {"cinder": "1.0-1", "nova": "1.0-1", "heat": "3.0-1"},
    "w0": {"nova-compute": "1.0-1", "nova": "2.0-1"},
    "s0": {"ceph": "1.0-1"},
}


def change(package: str, before: str | None, after: str, path: str) -> PackageChange:
    """One change."""
    return PackageChange(package=package, from_version=before, to_version=after, path=path)


def test_only_what_is_installed_and_older_is_replaced() -> None:
    available = {
        "nova": ("2.0-1", "/p/nova.deb"),
        "cinder": ("1.0-2", "/p/cinder.deb"),
        "heat": ("2.0-1", "/p/heat.deb"),
        "horizon": ("9", "/p/horizon.deb"),
    }
    assert plan_changes(INSTALLED, available) == {
        "c0": (
            change("cinder", "1.0-1", "1.0-2", "/p/cinder.deb"),
            change("nova", "1.0-1", "2.0-1", "/p/nova.deb"),
        )
    }


def test_an_older_version_is_taken_only_when_it_is_allowed() -> None:
    available = {"heat": ("2.0-1", "/p/heat.deb")}
    assert plan_changes(INSTALLED, available) == {}
    assert plan_changes(INSTALLED, available, allow_older=True) == {
        "c0": (change("heat", "3.0-1", "2.0-1", "/p/heat.deb"),)
    }
    same = {"heat": ("3.0-1", "/p/heat.deb")}
    assert plan_changes(INSTALLED, same, allow_older=True) == {}


def test_the_reverse_brings_back_what_was_installed() -> None:
    patch = plan_changes(INSTALLED, {"cinder": ("1.0-2", "/p/cinder_1.0-2_all.deb")})
    archive = archive_of(["/p/cinder_1.0-1_all.deb", "/p/cinder_1.0-2_all.deb"])
    back = reverse(patch, archive)
    assert back == {"c0": (change("cinder", "1.0-2", "1.0-1", "/p/cinder_1.0-1_all.deb"),)}
    assert reverse(back, archive) == patch


def test_a_former_package_file_that_is_missing_is_named() -> None:
    patch = {"c0": [change("cinder", "1.0-1", "1.0-2", "/p/c.deb")]}
    with pytest.raises(UnknownName, match=r"cinder 1\.0-1: its package file is not at hand"):
        reverse(patch, {})


def test_a_package_that_was_new_has_no_way_back() -> None:
    patch = {"c0": [change("cinder", None, "1.0-2", "/p/c.deb")]}
    with pytest.raises(UnknownName, match="cinder on c0: was not installed before"):
        reverse(patch, {})


def test_package_files_are_told_by_their_names() -> None:
    names = ["/p/a_1%3a2.0-1_all.deb", "b_3_amd64.deb", "notes.txt", "odd.deb", "c_1_all.udeb"]
    assert archive_of(names) == {("a", "1:2.0-1"): names[0], ("b", "3"): names[1]}


def test_packages_of_rpm_are_compared_as_rpm_does() -> None:
    installed = {"c0": {"a": "1.0~rc1-1", "b": "1.0a-1"}}
    files = {"a": ("1.0^git-1", "/p/a.rpm"), "b": ("1.0.1-1", "/p/b.rpm")}
    assert [one.package for one in plan_changes(installed, files)["c0"]] == ["a", "b"]
    back = {"b": ("1.0-1", "/p/b.rpm")}
    assert plan_changes(installed, back) == {}
    assert "c0" in plan_changes(installed, back, allow_older=True)


@pytest.mark.parametrize("suffix", ["deb", "rpm"])
def test_a_file_is_found_by_the_name_that_it_is_given(suffix: str) -> None:
    name = file_name("my_lib", "1:2_0-1", "any", suffix)
    assert archive_of([f"/p/{name}"]) == {("my_lib", "1:2_0-1"): f"/p/{name}"}
