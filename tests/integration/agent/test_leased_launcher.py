"""What only the active controller runs is started while the lease is good, and not otherwise."""

from pathlib import Path

import pytest

from insvc.adapters.definitions import read_definitions
from insvc.agent.leased_launcher import LeasedLauncher
from insvc.agent.strays import of_host
from insvc.errors import WorldError
from insvc.model.words import Manager
from insvc.supervise.definition import ServiceDefinition
from tests.fakes.host_folder import HostFolder, until

pytestmark = pytest.mark.integration


def definition(folder: HostFolder, name: str) -> ServiceDefinition:
    found, _ = read_definitions(folder.root, frozenset({Manager.SM}))
    return found[name]


@pytest.fixture
def launcher(folder: HostFolder) -> LeasedLauncher:
    folder.define("x", manager="sm", runs_when="active")
    folder.define("y", manager="sm")
    return LeasedLauncher(folder.path, folder.host)


def test_with_the_lease_it_starts_and_tells_the_epoch(
    folder: HostFolder, launcher: LeasedLauncher
) -> None:
    launcher.epoch = lambda: 12
    held = launcher.launch(definition(folder, "x"))
    environment = Path(f"/proc/{held.identity.pid}/environ").read_text().split("\0")
    assert "INSVC_EPOCH=12" in environment
    held.close()


def test_without_it_only_what_runs_on_both_is_started(
    folder: HostFolder, launcher: LeasedLauncher
) -> None:
    launcher.permits = lambda: False
    with pytest.raises(WorldError, match="does not hold the lease"):
        launcher.launch(definition(folder, "x"))
    assert list(of_host(folder.root)) == []
    launcher.launch(definition(folder, "y")).close()
    assert len(list(of_host(folder.root))) == 1


def test_a_lease_that_runs_out_in_the_very_start_ends_what_was_started(
    folder: HostFolder, launcher: LeasedLauncher
) -> None:
    looks = iter([True, False])
    launcher.permits = lambda: next(looks)
    with pytest.raises(WorldError, match="does not hold the lease"):
        launcher.launch(definition(folder, "x"))
    until(lambda: list(of_host(folder.root)) == [])
