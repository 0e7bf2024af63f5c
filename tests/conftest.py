"""What holds for every test: no process outlives it, whether it passes or not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.fakes.leftovers import children, end_leftovers

# A gate says the same of the same code: its examples do not change from run to run, and a busy
# machine is no failure. `make fuzz` looks for new ones.
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.load_profile("same")


@pytest.fixture(autouse=True)
def no_process_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """After a test with real processes, none that was given its folder runs on."""
    yield
    if not any(map(request.node.get_closest_marker, ("integration", "scenario"))):
        return
    folder = request.node.funcargs.get("tmp_path")
    if isinstance(folder, Path):
        assert end_leftovers(folder) == ()


@pytest.fixture(autouse=True, scope="session")
def no_process_left_at_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """After the last test, neither a child runs on nor anything in any test's folder."""
    yield
    assert end_leftovers(tmp_path_factory.getbasetemp()) == ()
    assert children() == ()
