"""Where clouds and this machine keep what they know."""

from pathlib import Path

import pytest

from insvc.adapters.places import cloud_directory, host_directory, world_directory


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The home of an ordinary user with nothing in it."""
    monkeypatch.delenv("INSVC_CLOUD", raising=False)
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("insvc.adapters.places.os.geteuid", lambda: 1000)
    return tmp_path


def test_the_given_directory_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("INSVC_CLOUD", "/elsewhere")
    assert cloud_directory(tmp_path) == tmp_path


def test_a_relative_directory_is_made_absolute(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cloud_directory(Path("cloud")) == tmp_path / "cloud"


def test_the_environment_comes_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSVC_CLOUD", "/elsewhere")
    assert cloud_directory(None) == Path("/elsewhere")


def test_the_users_state_folder_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INSVC_CLOUD", raising=False)
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setenv("HOME", "/home/op")
    assert cloud_directory(None) == Path("/home/op/.local/state/insvc/cloud")


def test_root_keeps_what_it_did_in_the_systems_state_folder(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert host_directory() == home / ".local/state/insvc/host"
    monkeypatch.setattr("insvc.adapters.places.os.geteuid", lambda: 0)
    assert host_directory() == Path("/var/lib/insvc")


def test_without_a_cloud_this_machine_is_meant(home: Path) -> None:
    assert world_directory(None) == home / ".local/state/insvc/host"


def test_the_users_cloud_is_meant_where_there_is_one(home: Path) -> None:
    cloud = home / ".local/state/insvc/cloud"
    cloud.mkdir(parents=True)
    (cloud / "topology.json").touch()
    assert world_directory(None) == cloud


def test_a_directory_that_was_named_is_meant_even_where_nothing_is_there(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert world_directory(home / "x") == home / "x"
    monkeypatch.setenv("INSVC_CLOUD", "/elsewhere")
    assert world_directory(None) == Path("/elsewhere")
