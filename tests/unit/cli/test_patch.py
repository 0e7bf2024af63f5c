"""`insvc patch`, on the simulated cloud and with real package files."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from insvc.cli import patch as module
from insvc.cloud.deb import DebFile, deb
from insvc.errors import InputError
from tests.fakes.cloud import Scene, host, instance, scene


@pytest.fixture(autouse=True)
def made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Scene:
    """A simulated cloud behind the command line."""
    one = scene([host("h1", instance("a", 1, stale=False)), host("h2", instance("b", 2))])
    one.directory = tmp_path / "cloud"
    monkeypatch.setattr(module, "connect", lambda _: one.world())
    return one


def package(folder: Path, name: str, version: str, *, file: str = "") -> Path:
    fields = {"Package": name, "Version": version, "Architecture": "all"}
    fields |= {"Maintainer": "Nobody <nobody@localhost>", "Description": "made for a test"}
    path = folder / (file or f"{name}_{version}_all.deb")
    path.write_bytes(deb(fields, {"usr/bin/x": DebFile(content=b"x")}))
    return path


def call(made: Scene, *arguments: object) -> Result:
    words = [str(one) for one in arguments]
    result = CliRunner().invoke(
        module.command, [*words, "--cloud", str(made.directory)], standalone_mode=False
    )
    if result.exception is not None:
        raise result.exception
    return result


def test_packages_are_installed_and_listed(made: Scene, tmp_path: Path) -> None:
    told = call(made, "install", package(tmp_path, "a", "1.0-3"))
    assert "1 package on 1 host; next: insvc restart" in told.output
    assert [(name, len(of)) for name, of in made.cloud.installed] == [("h1", 1)]
    listed = call(made, "list")
    assert "1 package on 1 host" in listed.output
    assert "h1: a 1.0-2 → 1.0-3" in listed.output


def test_what_was_installed_is_json_on_demand(made: Scene, tmp_path: Path) -> None:
    told = call(made, "install", package(tmp_path, "a", "1.0-3"), "--json")
    (change,) = json.loads(told.stdout)["patch"]["h1"]
    assert (change["from_version"], change["to_version"]) == ("1.0-2", "1.0-3")
    (one,) = json.loads(call(made, "list", "--json").stdout)["patches"]
    assert one["changes"]["h1"] == [change]


def test_the_files_are_kept_where_a_rollback_looks_for_them(made: Scene, tmp_path: Path) -> None:
    call(made, "install", package(tmp_path, "a", "1:1.0-3", file="odd.deb"))
    kept = made.directory / "packages" / "a_1%3a1.0-3_any.deb"
    assert kept.is_file()
    ((_, (change,)),) = made.cloud.installed
    assert change.path == str(kept)
    again = package(made.directory / "packages", "b", "1.0-9")
    call(made, "install", again)
    assert made.cloud.installed[-1][1][0].path == str(again)


def test_nothing_older_means_nothing_to_install(made: Scene, tmp_path: Path) -> None:
    told = call(made, "install", package(tmp_path, "a", "0.9-1"))
    assert "nothing to install" in told.output
    assert "no patch was installed" in call(made, "list").output


def test_a_file_that_is_no_package_is_refused(made: Scene, tmp_path: Path) -> None:
    path = tmp_path / "x.deb"
    path.write_text("x")
    with pytest.raises(InputError, match="no Debian package"):
        call(made, "install", path)
