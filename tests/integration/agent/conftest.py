"""A host's folder that leaves no process behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.host_folder import HostFolder
from tests.fakes.pair_of_hosts import PairOfHosts


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[HostFolder]:
    """An empty host in its active role."""
    made = HostFolder(tmp_path / "cloud" / "hosts" / "h")
    try:
        yield made
    finally:
        made.clean()


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[PairOfHosts]:
    """Two controllers that are not started yet."""
    made = PairOfHosts(tmp_path / "cloud")
    try:
        yield made
    finally:
        made.clean()
