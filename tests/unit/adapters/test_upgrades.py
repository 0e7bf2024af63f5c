"""Which package replaced a file, and from what version."""

from insvc.adapters.upgrades import Upgrades, names_of
from tests.fakes.packages import FakePackage, FakePackages


def database() -> FakePackages:
    """libx 1 installed at 10 and libx 2 at 20; other 1 at 5."""
    now = [5.0]
    packages = FakePackages(now=lambda: now[0])
    for at, name, version in ((5.0, "other", "1"), (10.0, "libx", "1"), (20.0, "libx", "2")):
        now[0] = at
        path = f"/{name}-{version}.deb"
        packages.archive[path] = FakePackage(
            name=name, version=version, files=("/lib/libx.so" if name == "libx" else "/bin/other",)
        )
        packages.install([path])
    return packages


def test_the_package_that_came_later_is_told_with_both_versions() -> None:
    upgrades = Upgrades(database(), 15.0)
    found = upgrades.of(["/usr/lib/libx.so", "/bin/other", "/nowhere"], 15.0)
    assert list(found) == ["/usr/lib/libx.so"]
    one = found["/usr/lib/libx.so"]
    assert (one.package, one.from_version, one.to_version) == ("libx", "1", "2")
    assert upgrades.faults == []


def test_what_came_before_the_process_is_no_upgrade_of_it() -> None:
    assert Upgrades(database(), 3.0).of(["/lib/libx.so"], 30.0) == {}


def test_without_a_database_nothing_is_known() -> None:
    upgrades = Upgrades(None, 0.0)
    assert upgrades.of(["/lib/libx.so"], 0.0) == {}
    assert upgrades.installed == {}


def test_a_database_that_cannot_be_read_is_told_of() -> None:
    packages = database()
    upgrades = Upgrades(packages, 15.0)
    assert "libx" in upgrades.changed
    packages.is_readable = False
    assert upgrades.of(["/lib/libx.so"], 15.0)["/lib/libx.so"].to_version == "unknown version"
    assert upgrades.faults == ["/: its database cannot be read"]
    blind = Upgrades(packages, 15.0)
    assert (blind.of(["/lib/libx.so"], 15.0), blind.installed) == ({}, {})
    assert blind.faults == ["/: its database cannot be read"]
    assert (blind.is_known, Upgrades(None, 15.0).is_known) == (True, False)


def test_a_path_has_two_names_where_lib_leads_into_usr() -> None:
    assert list(names_of("/usr/lib/x")) == ["/usr/lib/x", "/lib/x"]
    assert list(names_of("/lib/x")) == ["/lib/x", "/usr/lib/x"]
