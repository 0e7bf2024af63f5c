from collections.abc import Callable
from pathlib import Path

import pytest

from insvc.adapters.lease_file import FileLease
from insvc.errors import WorldError
from insvc.ports import Lease
from tests.fakes.lease import FakeLease, FakeLeaseStore

Maker = Callable[[], Lease]


@pytest.fixture(params=["fake", "file"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Maker:
    """Makes one more controller's view of the same lease."""
    store = FakeLeaseStore()
    if request.param == "fake":
        return lambda: FakeLease(store)
    return lambda: FileLease(tmp_path / "controller" / "lease.lock")


def test_every_epoch_is_higher_than_any_before(make: Maker) -> None:
    epochs = []
    for _ in range(3):
        lease = make()
        epochs.append(lease.acquire())
        lease.release()
    assert epochs == sorted(set(epochs))


def test_a_held_lease_is_refused_and_names_its_holder(make: Maker) -> None:
    mine, other = make(), make()
    mine.acquire()
    with pytest.raises(WorldError, match=r"held by process \d+"):
        other.acquire()
    mine.release()


def test_a_released_lease_can_be_taken_by_another(make: Maker) -> None:
    mine, other = make(), make()
    before = mine.acquire()
    mine.release()
    assert other.acquire() > before
    other.release()


def test_who_holds_it_is_known_to_everybody(make: Maker) -> None:
    mine, other = make(), make()
    assert other.holder() is None
    epoch = mine.acquire()
    holder = other.holder()
    assert holder is not None
    assert holder.epoch == epoch
    assert holder.pid > 0
    mine.release()
    assert other.holder() is None


def test_a_release_without_a_lease_does_nothing(make: Maker) -> None:
    mine, other = make(), make()
    mine.acquire()
    other.release()
    assert other.holder() is not None
    mine.release()
