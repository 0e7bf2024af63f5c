"""Workers that take over from older ones, held as real processes."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from insvc.model.act import DrainRule
from insvc.model.words import Action
from tests.fakes.systemd import FakeSystemd
from tests.harness.systemd_acts import A, Act, acting, listening

pytestmark = pytest.mark.integration
MASTER = {
    "CanReload": True,
    "ExecStart": [("/usr/sbin/haproxy", ["haproxy", "-Ws"], False)],
    "ExecReload": [("/bin/kill", ["/bin/kill", "-USR2", "$MAINPID"], False)],
}


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeSystemd]:
    with listening(tmp_path) as made:
        yield made


@pytest.fixture
def act(fake: FakeSystemd, tmp_path: Path) -> Act:  # noqa: ARG001 - it listens
    return acting(tmp_path)


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
    act: Act,
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
    act: Act,
    workers: list[subprocess.Popen[bytes]],
) -> None:
    fake.units[A] |= MASTER
    fake.pids[A] = [one.pid for one in workers]
    told = act(action=Action.HANDOFF)
    assert "2 old workers still finish what they serve" in told.said
    assert [one.poll() for one in workers] == [None, None]


def test_old_workers_are_killed_where_the_drain_says_so(
    fake: FakeSystemd,
    act: Act,
    workers: list[subprocess.Popen[bytes]],
) -> None:
    fake.units[A] |= MASTER
    fake.pids[A] = [one.pid for one in workers]
    told = act(action=Action.HANDOFF, drain=DrainRule(timeout_s=0.1))
    assert "were killed" in told.said
    assert [one.wait(5) for one in workers] == [-9, -9]
