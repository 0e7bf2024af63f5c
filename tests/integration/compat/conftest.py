"""A shell on the active controller of the running cloud."""

from pathlib import Path

import pytest

from tests.fakes.host_shell import CONTROLLER, Shell


@pytest.fixture
def controller(running_cloud: Path, tmp_path: Path) -> Shell:
    return Shell(tmp_path / "controller", running_cloud, CONTROLLER)
