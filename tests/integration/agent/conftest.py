"""A host's folder that leaves no process behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.host_folder import HostFolder


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[HostFolder]:
    """An empty host in its active role."""
    made = HostFolder(tmp_path / "cloud" / "hosts" / "h")
    try:
        yield made
    finally:
        made.clean()
