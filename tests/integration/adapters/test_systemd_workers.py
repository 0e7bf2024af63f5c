"""Workers that take over from older ones, held as real processes."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from insvc.adapters.systemd import Systemd
from insvc.model.act import DrainRule
from insvc.model.restart import Order, Restarted
from insvc.model.words import Action
from tests.fakes.systemd import FakeSystemd

pytestmark = pytest.mark.integration
A = "a.service"
MASTER = {
    "CanReload": True,
    "ExecStart": [("/usr/sbin/haproxy", ["haproxy", "-Ws"], False)],
    "ExecReload": [("/bin/kill", ["/bin/kill", "-USR2", "$MAINPID"], False)],
}
SOON_S = 0.4


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeSystemd]:
    made = FakeSystemd(tmp_path, is_direct=True)
    made.add(A)
    yield made
    made.close()


@pytest.fixture
def act(fake: FakeSystemd, tmp_path: Path) -> Callable[..., Restarted]:  # noqa: ARG001 - it listens
    def do(starts: tuple[float, ...] | None = (), **order: Any) -> Restarted:
        systemd = Systemd(tmp_path, answer_s=SOON_S, starts=lambda _unit, _within_s: starts)
        return systemd.restart(Order(**{"service": A, "timeout_s": SOON_S, **order}))

    return do


@pytest.fixture
def workers() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Two processes that play the workers of a master."""
    made = [subprocess.Popen(["sleep", "60"]) for _ in range(2)]
    yield made
    for one in made:
        one.kill()
        one.wait()


def test_a_master_hands_over_when_its_old_workers_have_ended(
    fake: FakeSystemd,
    act: Callable[..., Restarted],
    workers: list[subprocess.Popen[bytes]],
) -> None:
    fake.units[A] |= MASTER
    fake.pids[A] = [one.pid for one in workers]

    def reload(*_: object) -> None:
        fake.pids[A] = [999_999_999]
        for one in workers:
            one.kill()
            one.wait()

    fake.on["ReloadUnit"] = reload
    told = act(action=Action.HANDOFF)
    assert (told.done, told.said) == (True, "systemd reloaded it")


def test_old_workers_that_still_serve_are_told_of(
    fake: FakeSystemd,
    act: Callable[..., Restarted],
    workers: list[subprocess.Popen[bytes]],
) -> None:
    fake.units[A] |= MASTER
    fake.pids[A] = [one.pid for one in workers]
    told = act(action=Action.HANDOFF)
    assert "2 old workers still finish what they serve" in told.said
    assert [one.poll() for one in workers] == [None, None]


def test_old_workers_are_killed_where_the_drain_says_so(
    fake: FakeSystemd,
    act: Callable[..., Restarted],
    workers: list[subprocess.Popen[bytes]],
) -> None:
    fake.units[A] |= MASTER
    fake.pids[A] = [one.pid for one in workers]
    told = act(action=Action.HANDOFF, drain=DrainRule(timeout_s=0.1))
    assert "were killed" in told.said
    assert [one.wait(5) for one in workers] == [-9, -9]
