"""One lease of two hosts, whoever keeps it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from insvc.adapters.pair_lease import FolderLease
from insvc.errors import WorldError
from insvc.ports import RoleLease
from tests.fakes.clock import FakeClock
from tests.fakes.role_lease import FakeRoleLease, FakeRoleStore


class Hosts:
    """Makes a host's view of one lease, and takes its store away."""

    def __init__(
        self, make: Callable[[str], RoleLease], lose: Callable[[], None], clock: FakeClock
    ) -> None:
        self.of, self.lose, self.clock = make, lose, clock


@pytest.fixture(params=["fake", "folder"])
def hosts(request: pytest.FixtureRequest, tmp_path: Path) -> Hosts:
    clock = FakeClock()
    store = FakeRoleStore()
    if request.param == "fake":

        def forget() -> None:
            store.is_lost = True

        return Hosts(lambda host: FakeRoleLease(store, host, clock.now), forget, clock)
    folder = tmp_path / "lease"
    folder.mkdir()

    def remove() -> None:
        folder.rename(tmp_path / "away")

    return Hosts(lambda host: FolderLease(folder, host, 5.0, clock.now), remove, clock)


def test_a_lease_that_was_never_taken_is_nobody_s(hosts: Hosts) -> None:
    assert hosts.of("a").look() is None


def test_one_of_two_that_start_at_once_gets_it(hosts: Hosts) -> None:
    a, b = hosts.of("a"), hosts.of("b")
    known = (a.look(), b.look())
    taken = a.take(known[0])
    assert taken is not None
    assert (taken.holder, taken.epoch, taken.is_held(hosts.clock.now())) == ("a", 1, True)
    assert b.take(known[1]) is None
    assert a.look() == b.look() == taken


def test_renewing_moves_its_end_and_nothing_else(hosts: Hosts) -> None:
    a, b = hosts.of("a"), hosts.of("b")
    first = a.take(None)
    assert first is not None
    hosts.clock.advance(4.0)
    renewed = a.renew(first)
    assert renewed is not None
    assert (renewed.epoch, renewed.renewed_at) == (1, first.renewed_at + 4.0)
    assert b.look() == renewed
    assert not first.is_held(hosts.clock.now() + 1.0)
    assert renewed.is_held(hosts.clock.now() + 1.0)


def test_what_was_renewed_meanwhile_is_not_taken(hosts: Hosts) -> None:
    a, b = hosts.of("a"), hosts.of("b")
    first = a.take(None)
    assert first is not None
    seen = b.look()
    assert a.renew(first) is not None
    assert b.take(seen) is None


def test_what_was_taken_meanwhile_is_neither_renewed_nor_released(hosts: Hosts) -> None:
    a, b = hosts.of("a"), hosts.of("b")
    first = a.take(None)
    assert first is not None
    second = b.take(b.look())
    assert second is not None
    assert second.epoch == first.epoch + 1
    assert a.renew(first) is None
    assert a.release(first, "b") is None
    assert a.look() == second


def test_a_released_lease_is_free_and_says_for_whom(hosts: Hosts) -> None:
    a, b = hosts.of("a"), hosts.of("b")
    first = a.take(None)
    assert first is not None
    free = a.release(first, "b")
    assert free is not None
    assert b.look() == free
    assert (free.is_held(hosts.clock.now()), free.offered_to, free.epoch) == (False, "b", 1)
    taken = b.take(free)
    assert taken is not None
    assert (taken.holder, taken.epoch, taken.offered_to) == ("b", 2, None)


def test_a_store_that_is_gone_is_an_error_and_never_a_free_lease(hosts: Hosts) -> None:
    a = hosts.of("a")
    first = a.take(None)
    assert first is not None
    hosts.lose()
    with pytest.raises(WorldError):
        a.look()
    with pytest.raises(WorldError):
        a.renew(first)
    with pytest.raises(WorldError):
        a.take(first)
