"""This very machine as a world of one host."""

import asyncio
from pathlib import Path

import pytest

from insvc.adapters.host_packages import NO_DATABASE
from insvc.bootstrap import connect
from insvc.errors import WorldError
from insvc.here import Here, connect_here
from insvc.model.words import Personality, RestartClass
from insvc.plan.policy import CAREFUL


def test_the_machine_is_looked_at_by_its_own_name() -> None:
    here = Here()
    seen = here.observe(5.0, everything=False)
    assert (seen.host, seen.taken_at) == (here.name, 5.0)
    assert here.topology.hosts[0].personality is Personality.HOST
    told = {one.name for one in here.catalog(seen).entries}
    assert len(told) == len(here.catalog(seen).entries)


def test_runs_of_the_machine_are_kept_in_its_directory(tmp_path: Path) -> None:
    world = connect_here(tmp_path / "state")
    (host,) = world.topology.hosts
    assert world.policy is CAREFUL
    assert RestartClass.REBOOT_ONLY in world.policy.leave
    assert world.journal.names() == ()
    assert asyncio.run(world.agents.observe(host.name)).host == host.name
    assert (tmp_path / "state/agent.db").is_file()


def test_its_own_directory_means_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr("insvc.adapters.places.os.geteuid", lambda: 1000)
    world = connect(tmp_path / "insvc/host")
    assert world.directory == tmp_path / "insvc/host"


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WorldError, match="cannot be made"):
        connect_here(tmp_path / "file" / "state")


def test_a_machine_without_a_package_database_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("insvc.here.host_packages", lambda: None)
    seen = Here().observe(5.0, everything=False)
    assert NO_DATABASE in seen.unseen
    assert NO_DATABASE not in Here().machine.observe(everything=False, taken_at=5.0).unseen
