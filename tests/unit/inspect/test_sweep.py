"""What became of a file that is not at its path any more."""

import pytest

from insvc.inspect.maps import ReplacedMapping
from insvc.inspect.sweep import Fate, Hit, Seen, fate_of, is_rewritten, packed, unpacked


def fate(
    path: str,
    *,
    on_disk: str | None = None,
    same: bool | None = None,
    written_at: float | None = 10.0,
) -> Fate:
    """What became of that file in a process started at 100."""
    mapping = ReplacedMapping(path=path, mapped="08:01:1", on_disk=on_disk)
    return fate_of(mapping, is_same_content=same, written_at=written_at, started_at=100.0)


def test_another_file_at_the_path_is_other_code() -> None:
    assert fate("/usr/lib/libx.so", on_disk="08:01:2", same=False) is Fate.REPLACED
    assert fate("/opt/app/libx.so", on_disk="08:01:2", same=None) is Fate.REPLACED


def test_an_equal_file_at_the_path_changes_nothing() -> None:
    assert fate("/usr/lib/libx.so", on_disk="08:01:2", same=True) is Fate.SAME_CONTENT


def test_an_installed_file_that_is_gone_was_replaced_or_removed() -> None:
    assert fate("/usr/lib/libx.so.1.2", written_at=None) is Fate.REPLACED
    assert fate("/opt/app/bin/app", written_at=10.0) is Fate.REPLACED


@pytest.mark.parametrize("path", ["/opt/app/tmp/jna7.tmp", "/var/lib/app/libzstd-jni-1.so"])
def test_what_was_written_while_the_process_ran_and_is_gone_was_unpacked_by_it(path: str) -> None:
    assert fate(path, written_at=100.3) is Fate.TEMPORARY


def test_what_is_gone_and_cannot_be_looked_at_is_doubtful() -> None:
    assert fate("/opt/app/tmp/jna7.tmp", written_at=None) is Fate.DOUBTFUL


@pytest.mark.parametrize("path", ["/tmp/x.so", "/dev/shm/x", "/usr/lib/libx.so.#prelink#.Qw12"])
def test_temporary_places_never_hold_installed_code(path: str) -> None:
    assert fate(path, on_disk="08:01:2", same=False) is Fate.TEMPORARY


def rewritten(path: str, written_at: float, born_at: float | None) -> bool:
    """Whether that file counts as written over for a process started at 100."""
    return is_rewritten(path, written_at=written_at, born_at=born_at, started_at=100.0)


def test_an_older_file_with_later_content_was_written_over() -> None:
    assert rewritten("/usr/lib/libx.so", 100.5, 10.0)
    assert rewritten("/opt/app/libx.so", 100.5, 10.0)
    assert not rewritten("/usr/lib/libx.so", 99.0, 10.0)


def test_a_file_younger_than_the_process_was_not_written_over() -> None:
    assert not rewritten("/opt/app/unpacked.so", 100.5, 100.4)


def test_a_temporary_file_is_never_taken_for_written_over() -> None:
    assert not rewritten("/tmp/x.so", 100.5, 10.0)


def test_where_nobody_knows_a_files_age_only_installed_files_count() -> None:
    assert rewritten("/usr/lib/libx.so", 100.5, None)
    assert not rewritten("/opt/app/libx.so", 100.5, None)


def test_a_process_without_a_place_could_not_be_read() -> None:
    seen = Seen(pid=7, start_ticks=1, parent=1, name="x", place=-1)
    assert not seen.is_readable
    assert Seen(pid=7, start_ticks=1, parent=1, name="x", place=0).is_readable


def test_a_process_is_told_in_plain_values_and_understood() -> None:
    mapping = ReplacedMapping(path="/usr/lib/libx.so", mapped="08:01:1", on_disk=None)
    seen = Seen(
        pid=7,
        start_ticks=77,
        parent=1,
        name="a b",
        place=3,
        is_host=True,
        program="/usr/bin/python3",
        command=b"python3\0x\0",
        hits=(Hit(mapping, Fate.REPLACED), Hit(mapping, Fate.DOUBTFUL)),
        group="/system.slice/a.service",
    )
    told = packed(seen)
    assert unpacked(told) == seen
    assert {type(one) for one in told} == {int, str, bool, bytes, tuple}
    assert {type(one) for hit in told[8] for one in hit} == {str, type(None)}
    assert unpacked(packed(Seen(1, 2, 3, "x", -1))) == Seen(1, 2, 3, "x", -1)
