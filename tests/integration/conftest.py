"""One embedded cloud for all tests that look at a running one; each leaves it as it was."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from insvc.cloud.lifecycle import start_cloud, stop_cloud
from insvc.cloud.processes import members


@pytest.fixture(scope="session")
def running_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("cloud")
    start_cloud(directory, said=lambda _line: None)
    try:
        yield directory
    finally:
        stop_cloud(directory)
    assert members(directory) == ()
