"""Acts of the systemd adapter on a systemd that runs nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from insvc.adapters.systemd import Systemd
from insvc.model.restart import Order, Restarted
from tests.fakes.systemd import FakeSystemd

A = "a.service"
SOON_S = 0.4

Act = Callable[..., Restarted]
"""Given the fields of an order, what became of it."""


@contextmanager
def listening(root: Path) -> Iterator[FakeSystemd]:
    """A systemd that answers below that folder and has one unit."""
    made = FakeSystemd(root, is_direct=True)
    made.add(A)
    yield made
    made.close()


def acting(root: Path) -> Act:
    """What orders something of the adapter that asks the systemd below that folder."""

    def act(starts: tuple[float, ...] | None = (), **order: Any) -> Restarted:
        systemd = Systemd(root, answer_s=SOON_S, starts=lambda _unit, _within_s: starts)
        return systemd.restart(Order(**{"service": A, "timeout_s": SOON_S, **order}))

    return act
