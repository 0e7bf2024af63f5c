"""The lease in a folder: what its contract leaves to it."""

import json
from pathlib import Path

import pytest

from insvc.adapters.pair_lease import FolderLease, boottime
from insvc.errors import CorruptStore, WorldError


def lease(folder: Path, host: str = "a", boot: str | None = None) -> FolderLease:
    return FolderLease(folder, host, 5.0, lambda: 100.0, boot)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_old_records_are_deleted_and_the_last_two_kept(tmp_path: Path) -> None:
    own = lease(tmp_path)
    known = own.take(None)
    for _ in range(5):
        assert known is not None
        known = own.renew(known)
    assert names(tmp_path) == ["000000000005", "000000000006", "kept"]


def test_one_who_was_away_for_long_finds_that_others_went_on(tmp_path: Path) -> None:
    own, other = lease(tmp_path), lease(tmp_path, "b")
    stale = own.take(None)
    assert stale is not None
    known = other.take(stale)
    for _ in range(5):
        assert known is not None
        known = other.renew(known)
    # The number that follows his own is free again, and yet it is not his.
    assert own.renew(stale) is None
    assert names(tmp_path) == ["000000000006", "000000000007", "kept"]
    assert own.look() == known


def test_what_an_earlier_boot_has_written_is_free_and_keeps_its_epoch(tmp_path: Path) -> None:
    before = lease(tmp_path, boot="old")
    taken = before.take(None)
    assert taken is not None
    before.release(taken, "b")
    found = lease(tmp_path, "b", boot="new").look()
    assert found is not None
    assert (found.is_released, found.offered_to, found.holder, found.epoch) == (True, None, "a", 1)
    fresh = lease(tmp_path, "b", boot="new").take(found)
    assert fresh is not None
    assert fresh.epoch == 2


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"holder": "a", "epoch": "x"}', b"\xff\xfe".decode("latin-1")],
)
def test_a_record_that_is_none_is_told_and_not_taken_for_a_free_lease(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / "000000000004").write_text(text, encoding="latin-1")
    with pytest.raises(CorruptStore) as refusal:
        lease(tmp_path).look()
    assert "stop both controllers' services" in refusal.value.next_act


def test_a_renewal_that_a_power_cut_has_emptied_is_free(tmp_path: Path) -> None:
    before = lease(tmp_path, boot="old")
    known = before.take(before.take(None))
    for _ in range(3):
        assert known is not None
        known = before.renew(known)
    for path in tmp_path.glob("0*"):
        path.write_bytes(b"")
    found = lease(tmp_path, "b", boot="new").look()
    assert found is not None
    assert (found.number, found.holder, found.epoch, found.is_released) == (5, "a", 2, True)
    taken = lease(tmp_path, "b", boot="new").take(found)
    assert taken is not None
    assert (taken.number, taken.epoch) == (6, 3)


def test_a_damaged_record_of_this_boot_is_never_taken_for_a_free_lease(tmp_path: Path) -> None:
    own = lease(tmp_path)
    assert own.take(None) is not None
    (tmp_path / "000000000001").unlink()  # another name of what was kept
    (tmp_path / "000000000001").write_bytes(b"")
    with pytest.raises(CorruptStore):
        own.look()
    (tmp_path / "kept").write_bytes(b"")
    with pytest.raises(CorruptStore):
        lease(tmp_path, boot="new").look()


def test_who_appends_while_its_store_is_emptied_does_not_hold_the_lease(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = lease(tmp_path)
    known = own.take(None)
    assert known is not None
    monkeypatch.setattr(FolderLease, "_numbers", lambda _: [])
    assert own.renew(known) is None


def test_other_files_are_no_records(tmp_path: Path) -> None:
    (tmp_path / "README").write_text("x")
    (tmp_path / ".a.1.new").write_text("half a rec")
    assert lease(tmp_path).look() is None


def test_a_record_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "000000000001").mkdir()
    with pytest.raises(WorldError, match="cannot be read"):
        lease(tmp_path).look()


def test_one_that_vanishes_between_list_and_look_is_looked_for_again(tmp_path: Path) -> None:
    (tmp_path / "000000000001").symlink_to(tmp_path / "gone")
    with pytest.raises(WorldError, match="changes faster"):
        lease(tmp_path).look()


def test_a_record_says_who_until_when_and_by_which_boot(tmp_path: Path) -> None:
    FolderLease(tmp_path, "a", 5.0).take(None)
    told = json.loads((tmp_path / "000000000001").read_text())
    assert set(told) == {
        "format", "holder", "epoch", "renewed_at", "ttl_s", "is_released", "offered_to", "boot_id",
    }  # fmt: skip
    assert 0.0 <= boottime() - told["renewed_at"] < 60.0
