"""One stat line, whatever a program calls itself."""

import pytest

from insvc.errors import WorldError
from insvc.inspect.stat import parse_stat

REST = (
    "1 41 41 0 -1 4194560 500 0 0 0 1 2 0 0 20 0 {threads} 0 98765 1000000 200 18446744073709551615"
)


def stat(name: str, *, state: str = "S", threads: int = 1) -> bytes:
    """A stat line of that program."""
    return f"42 ({name}) {state} {REST.format(threads=threads)}\n".encode()


@pytest.mark.parametrize(
    "name", ["cinder-volume", "my daemon", "a) R 9", "((", "a (b) c", "two\nlines", "", ")"]
)
def test_any_program_name_leaves_the_other_fields_in_place(name: str) -> None:
    found = parse_stat(stat(name))
    assert (found.pid, found.name, found.state, found.parent) == (42, name, "S", 1)
    assert (found.session, found.threads, found.start_ticks) == (41, 1, 98765)


@pytest.mark.parametrize(
    ("state", "threads", "has_ended"),
    [("S", 1, False), ("R", 4, False), ("Z", 1, True), ("X", 1, True), ("Z", 3, False)],
)
def test_a_zombie_has_ended_unless_threads_of_it_still_run(
    state: str, threads: int, has_ended: bool
) -> None:
    assert parse_stat(stat("x", state=state, threads=threads)).has_ended is has_ended


@pytest.mark.parametrize("text", [b"", b"42 (x", b"42 (x) S 1 2 3", b"forty (x) S 1 2 3"])
def test_what_is_no_stat_line_is_refused(text: bytes) -> None:
    with pytest.raises(WorldError, match="expected `PID"):
        parse_stat(text)


def test_a_thread_of_the_kernel_is_told_by_its_flags() -> None:
    kernel = stat("kworker/0:1").replace(b" 4194560 ", b" 69238880 ")
    assert parse_stat(kernel).is_kernel
    assert not parse_stat(stat("x")).is_kernel
