"""What lab tests share: hosts booted for one test, for one file, or with a network between them."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from lab.clean import clean
from lab.host import Host
from lab.image import build
from lab.machine import why_not
from lab.network import Network


def pytest_sessionstart() -> None:
    """Refuse in one line where the lab cannot run; take away what a killed session left."""
    reason = why_not()
    if reason:
        pytest.exit(f"lab tests cannot run here: {reason}", returncode=4)
    os.umask(0o022)
    clean()


@pytest.fixture(scope="session")
def _built() -> None:
    build(["tools"])


@pytest.fixture
def host(_built: None) -> Iterator[Host]:
    """A freshly booted host with the usual packages."""
    with Host() as booted:
        yield booted


@pytest.fixture(scope="module")
def shared_host(_built: None) -> Iterator[Host]:
    """One host for the tests of a file that do not stand in each other's way."""
    with Host("shared") as booted:
        yield booted


@pytest.fixture
def boot(_built: None) -> Iterator[Callable[..., list[Host]]]:
    """Several hosts in one network: call it with their names and, if need be, a `layer`."""
    with ExitStack() as ends:

        def boot_all(*names: str, layer: str = "tools") -> list[Host]:
            network = ends.enter_context(Network())
            return [ends.enter_context(Host(name, layer=layer, network=network)) for name in names]

        yield boot_all
