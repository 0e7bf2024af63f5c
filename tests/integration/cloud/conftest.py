"""Hosts on disk, with their packages, of which nothing runs."""

from pathlib import Path

import pytest

from insvc.cloud.hosts import make_hosts


@pytest.fixture(scope="session")
def made_cloud(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("made")
    make_hosts(directory, said=lambda _line: None)
    return directory
