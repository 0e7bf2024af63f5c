"""`insvc.inspect.conditions`: lock lists, session files and utmp as they are found on hosts."""

import struct

import pytest

from insvc.inspect.conditions import is_written, logged_in, of_sessions, written
from insvc.model.words import Condition

LOCKS = """\
1: FLOCK  ADVISORY  WRITE 10456 00:2e:95 0 EOF
2: POSIX  ADVISORY  READ  613 fe:00:1474705 0 EOF
3: OFDLCK ADVISORY  WRITE -1 fe:00:15417641 0 EOF
4: POSIX  ADVISORY  WRITE 700 08:01:77 0 EOF
4: -> POSIX  ADVISORY  WRITE 701 08:01:78 0 EOF
5: LEASE  ACTIVE    WRITE 702 08:01:79 0 EOF
6: torn
"""
USER = "STATE=active\nCLASS=user\nTYPE=tty\n"
SCREEN = "STATE=online\nCLASS=user\nTYPE=wayland\n"
UTMP = struct.Struct("<hxxi376x")


def test_only_write_locks_that_are_held_count() -> None:
    assert written(LOCKS) == {(0, 0x2E, 95), (0xFE, 0, 15417641), (8, 1, 77)}


def test_a_file_is_found_by_device_and_inode() -> None:
    held = written(LOCKS)
    assert is_written((8, 1, 77), held)
    assert not is_written((8, 2, 77), held)
    assert not is_written((8, 1, 78), held)


def test_on_a_file_system_without_a_device_the_inode_decides() -> None:
    assert is_written((0, 99, 95), written(LOCKS))
    assert not is_written((0, 99, 77), written(LOCKS))


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([], ()),
        ([USER], (Condition.USER_SESSION,)),
        ([USER, SCREEN], (Condition.USER_SESSION, Condition.GRAPHICAL_SESSION)),
        (["STATE=active\nCLASS=user-early\nTYPE=x11\n"], tuple(Condition)[1:]),
        (["STATE=active\nCLASS=greeter\nTYPE=x11\n"], ()),
        (["STATE=active\nCLASS=background\nTYPE=unspecified\n"], ()),
        (["STATE=active\nCLASS=manager\n"], ()),
        (["STATE=closing\nCLASS=user\nTYPE=tty\n"], ()),
        (["gibberish\x00"], (Condition.USER_SESSION,)),
    ],
)
def test_only_people_who_are_there_are_sessions(
    texts: list[str], expected: tuple[Condition, ...]
) -> None:
    assert of_sessions(texts) == expected


def test_utmp_tells_who_is_logged_in_even_where_its_end_is_torn() -> None:
    records = UTMP.pack(2, 0) + UTMP.pack(7, 41) + UTMP.pack(8, 42) + UTMP.pack(7, 43)
    assert logged_in(records) == (41, 43)
    assert logged_in(records[:-1]) == (41,)
    assert logged_in(b"") == ()
