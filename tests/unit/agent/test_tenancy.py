"""The lease as its keeper handles it."""

import threading

from insvc.agent.loop import Loop
from insvc.agent.tenancy import Tenancy, Told
from insvc.errors import WorldError
from insvc.supervise.pair import Tenure
from tests.fakes.clock import FakeClock
from tests.fakes.host_folder import looping, until
from tests.fakes.role_lease import FakeRoleLease, FakeRoleStore


class SlowLease(FakeRoleLease):
    """Renews only once it may."""

    may_renew = threading.Event()

    def renew(self, known: Tenure) -> Tenure | None:
        assert self.may_renew.wait(30.0)
        return super().renew(known)


def made(kind: type[FakeRoleLease] = FakeRoleLease) -> tuple[Tenancy, FakeRoleStore, FakeClock]:
    store, clock = FakeRoleStore(), FakeClock(100.0)
    return Tenancy(kind(store, "a", clock.now), Loop(), clock.now), store, clock


def test_before_the_loop_runs_all_is_done_at_once() -> None:
    tenancy, store, clock = made()
    heard: list[Told] = []
    tenancy.renew(heard.append)
    tenancy.release(None, heard.append)
    assert heard == []
    assert tenancy.age_s == float("inf")
    tenancy.look(heard.append)
    tenancy.take(heard.append)
    assert heard == [None, store.tenure]
    assert tenancy.tenure == store.tenure
    clock.advance(2.0)
    assert tenancy.age_s == 2.0
    assert tenancy.when(5.0) == 105.0
    tenancy.renew(heard.append)
    assert tenancy.age_s == 0.0
    tenancy.release("b", heard.append)
    assert store.tenure is not None
    assert store.tenure.offered_to == "b"
    tenancy.end()


def test_what_it_cannot_do_is_heard_and_what_is_known_stays() -> None:
    tenancy, store, _ = made()
    heard: list[Told] = []
    tenancy.take(heard.append)
    known = tenancy.tenure
    store.is_lost = True
    tenancy.renew(heard.append)
    assert isinstance(heard[-1], WorldError)
    assert tenancy.tenure == known
    tenancy.end()


def test_one_thing_at_a_time_and_what_is_asked_meanwhile_is_dropped() -> None:
    tenancy, _, _ = made(SlowLease)
    heard: list[Told] = []
    tenancy.take(heard.append)
    tenancy.start()
    SlowLease.may_renew.clear()
    tenancy.renew(heard.append)
    was_busy = tenancy.is_busy
    tenancy.look(heard.append)
    SlowLease.may_renew.set()
    with looping(tenancy._errands._loop):
        until(lambda: len(heard) == 2)
    assert was_busy
    assert not tenancy.is_busy
    tenancy.end()


def test_a_last_renewal_is_waited_for_where_nothing_else_can_be_heard() -> None:
    tenancy, _, clock = made()
    tenancy.take(lambda _: None)
    tenancy.start()
    clock.advance(10.0)
    # Nobody serves the loop: it is the one that waits.
    tenancy.renew_now(lambda _: None, 30.0)
    assert tenancy.age_s == 0.0
    tenancy.end()


def test_a_last_renewal_that_does_not_come_is_not_waited_for_for_ever() -> None:
    tenancy, store, clock = made()
    tenancy.take(lambda _: None)
    tenancy.start()
    store.is_lost = True
    clock.advance(10.0)
    tenancy.renew_now(lambda _: None, 0.05)
    assert tenancy.age_s == 10.0
    tenancy.end()


class FrozenLease(FakeRoleLease):
    """Reads the clock, and then hangs until it may go on."""

    may_write = threading.Event()
    has_read = threading.Event()

    def _put(self, known: Tenure | None, fresh: Tenure) -> Tenure | None:
        self.has_read.set()
        assert self.may_write.wait(30.0)
        return super()._put(known, fresh)


def test_a_last_renewal_is_not_content_with_one_that_a_hang_has_made_old() -> None:
    tenancy, store, clock = made(FrozenLease)
    FrozenLease.may_write.set()
    tenancy.take(lambda _: None)
    tenancy.start()
    FrozenLease.may_write.clear()
    FrozenLease.has_read.clear()
    tenancy.renew(lambda _: None)
    assert FrozenLease.has_read.wait(30.0)
    clock.advance(10.0)
    FrozenLease.may_write.set()
    tenancy.renew_now(lambda _: None, 30.0)
    assert tenancy.age_s == 0.0
    assert store.tenure is not None
    assert (store.tenure.number, store.tenure.epoch) == (3, 1)
    with looping(tenancy._errands._loop):
        until(lambda: not tenancy.is_busy)
    assert tenancy.tenure == store.tenure
    tenancy.end()


def test_a_last_renewal_takes_nothing_from_one_who_was_quicker() -> None:
    tenancy, store, clock = made()
    tenancy.take(lambda _: None)
    tenancy.start()
    clock.advance(10.0)
    other = FakeRoleLease(store, "b", clock.now)
    other.take(store.tenure)
    tenancy.renew_now(lambda _: None, 30.0)
    assert tenancy.age_s == 10.0
    assert store.tenure is not None
    assert store.tenure.holder == "b"
    tenancy.end()
