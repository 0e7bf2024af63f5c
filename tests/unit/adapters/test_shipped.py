"""`insvc.adapters.shipped`: the catalogs of distributions, and the layers of this host."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from insvc.adapters.catalog_files import builtin
from insvc.adapters.formats import load
from insvc.adapters.shipped import (
    COPIED,
    LAYERS,
    SHIPPED,
    family,
    host_layers,
    shipped,
    shipped_for,
)
from insvc.catalog.entry import Catalog
from insvc.catalog.globs import Finder
from insvc.catalog.layers import Amendment, Layer, misfits
from insvc.catalog.lint import lint, unexplained
from insvc.errors import FaultyDocument, UnknownName
from insvc.model.words import Action, Manager, Personality, RestartClass
from tools.make_shipped import DATA, copy_of, main

LAYER = "format: insvc-layer/1\nname: {name}\nlevel: site\nentries: []\n"


@pytest.mark.parametrize("name", COPIED)
def test_the_copy_that_loads_fast_says_what_people_edit(name: str) -> None:
    assert shipped(name) == builtin(name)
    assert (DATA / f"{name}.json").read_text(encoding="utf-8") == copy_of(name)


SERVICES = (
    "getty@tty1.service",
    "ssh.service",
    "container:web",
    "kernel",
    "dbus",
    "nobody.service",
)


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("manager", [Manager.SYSTEMD, Manager.LSB])
def test_what_is_read_for_some_services_knows_of_them_what_the_whole_does(
    name: str, service: str, manager: Manager
) -> None:
    some = shipped_for(name, [service])
    assert Finder(some).find(service, manager) == Finder(shipped(name)).find(service, manager)
    assert len(some.entries) < len(shipped(name).entries) / 2


def test_of_no_services_nothing_is_known() -> None:
    assert shipped_for("debian", []).entries == ()
    with pytest.raises(UnknownName, match="no catalog is shipped"):
        shipped_for("novel", ["ssh.service"])


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_catalog_has_no_fault(name: str) -> None:
    assert unexplained(lint(builtin(name))) == ()


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_catalog_is_large_and_says_why(name: str) -> None:
    entries = shipped(name).entries
    careful = [one for one in entries if one.restart_class is not RestartClass.AUTO]
    assert len(careful) >= 50
    assert all(one.runs_on == (Personality.HOST,) for one in entries)


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("dbus.service", RestartClass.REBOOT_ONLY),
        ("dbus-broker.service", RestartClass.REBOOT_ONLY),
        ("systemd-logind.service", RestartClass.SESSION_KILLING),
        ("gdm.service", RestartClass.CONDITIONAL),
        ("getty@tty1.service", RestartClass.SESSION_KILLING),
        ("serial-getty@ttyS0.service", RestartClass.SESSION_KILLING),
        ("NetworkManager.service", RestartClass.DEFERRED),
        ("wg-quick@wg0.service", RestartClass.DEFERRED),
        ("docker.service", RestartClass.DEFERRED),
        ("postgresql@15-main.service", RestartClass.DEFERRED),
        ("ceph-mon@a.service", RestartClass.ORDERED),
        ("user@1000.service", RestartClass.SESSION_KILLING),
        ("session-3.scope", RestartClass.SESSION_KILLING),
        ("init.scope", RestartClass.HANDLER),
        ("kernel", RestartClass.REBOOT_ONLY),
        ("microcode", RestartClass.REBOOT_ONLY),
        ("container:web", RestartClass.DEFERRED),
        ("guest:vm1", RestartClass.DEFERRED),
        ("process:sleep", RestartClass.DEFERRED),
        ("systemd-journald.service", RestartClass.AUTO),
    ],
)
@pytest.mark.parametrize("name", SHIPPED)
def test_what_must_not_be_restarted_blindly_is_known(
    name: str, service: str, expected: RestartClass
) -> None:
    entry = Finder(shipped(name)).find(service)
    assert entry is not None
    assert entry.restart_class is expected


@pytest.mark.parametrize("name", SHIPPED)
def test_a_family_says_only_what_differs_from_the_others(name: str) -> None:
    shared = load(Catalog, (DATA / "linux.yaml").read_text("utf-8"), "linux.yaml")
    layer = load(Layer, (DATA / f"{name}.yaml").read_text("utf-8"), f"{name}.yaml")
    assert list(misfits(shared, layer)) == []
    below = {one.name: one.services for one in shared.entries}
    assert all(one.services != below[one.name] for one in layer.entries)
    plain = [replace(one, services=None) for one in layer.entries]
    assert plain == [Amendment(name=one.name) for one in layer.entries]
    whole = {one.name: one for one in shipped(name).entries}
    assert list(whole) == [one.name for one in shared.entries]
    told = {one.name: one.services for one in layer.entries}
    for entry in shared.entries:
        assert whole[entry.name].services == (told.get(entry.name) or entry.services)
        bare = replace(whole[entry.name], services=entry.services, provenance=entry.provenance)
        assert bare == entry


def test_what_all_families_know_is_said_once() -> None:
    layers = [
        load(Layer, (DATA / f"{name}.yaml").read_text("utf-8"), name).entries for name in SHIPPED
    ]
    first, second = ({one.name: one.services for one in told} for told in layers)
    assert not [name for name in first if first[name] == second.get(name)]


def test_each_family_knows_its_own_names() -> None:
    debian, rpm = (Finder(shipped(name)) for name in ("debian", "rpm"))
    assert debian.find("unattended-upgrades.service") is not None
    assert debian.find("dnf-automatic.service") is None
    assert rpm.find("dnf-automatic-install.service") is not None
    assert rpm.find("unattended-upgrades.service") is None


@pytest.mark.parametrize("name", SHIPPED)
def test_what_has_no_manager_is_never_restarted_in_place(name: str) -> None:
    loose = [one for one in shipped(name).entries if one.managed_by == "none"]
    assert {one.action for one in loose} == {Action.NONE, Action.HANDLER}


def test_another_name_is_refused() -> None:
    with pytest.raises(UnknownName, match="no catalog is shipped by this name"):
        shipped("slackware")


def test_the_package_database_tells_the_family(tmp_path: Path) -> None:
    assert family(tmp_path) == "rpm"
    (tmp_path / "var/lib/dpkg").mkdir(parents=True)
    (tmp_path / "var/lib/dpkg/status").touch()
    assert family(tmp_path) == "rpm"
    (tmp_path / "var/lib/dpkg/status").write_text("Package: a\n", encoding="utf-8")
    assert family(tmp_path) == "debian"


def test_layers_of_the_host_come_by_file_name(tmp_path: Path) -> None:
    assert host_layers(tmp_path) == ()
    folder = tmp_path / LAYERS
    folder.mkdir(parents=True)
    for name in ("b.yaml", "a.yml"):
        (folder / name).write_text(LAYER.format(name=name), encoding="utf-8")
    (folder / "notes.txt").write_text("none", encoding="utf-8")
    assert [one.name for one in host_layers(tmp_path)] == ["a.yml", "b.yaml"]
    (folder / "c.yaml").write_text("format: insvc-catalog/1\n", encoding="utf-8")
    with pytest.raises(FaultyDocument, match=r"c\.yaml"):
        host_layers(tmp_path)


def test_a_scan_need_not_load_what_reads_yaml() -> None:
    program = (
        "import sys; from insvc.adapters.shipped import shipped; shipped('debian');"
        "from insvc.catalog.settle import settle; settle((), shipped('debian'));"
        "print([one for one in ('pydantic', 'ruamel', 'rich', 'click') if one in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_a_copy_out_of_date_is_told_and_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tools.make_shipped.DATA", tmp_path)
    assert main(["--check"]) == 1
    assert capsys.readouterr().out.count("is out of date") == len(COPIED)
    assert main([]) == 0
    assert main(["--check"]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{one}.json" for one in COPIED]
