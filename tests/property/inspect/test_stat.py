"""Whatever a program calls itself, the other fields of its stat line are read right."""

from hypothesis import given
from hypothesis import strategies as st

from insvc.inspect.stat import parse_stat

NAMES = st.binary(max_size=15).filter(lambda name: b"\0" not in name)


@given(name=NAMES, parent=st.integers(0, 2**22), threads=st.integers(1, 99), ticks=st.integers(0))
def test_any_name_leaves_the_numbers_in_place(
    name: bytes, parent: int, threads: int, ticks: int
) -> None:
    rest = f" S {parent} 3 4 0 -1 0 0 0 0 0 0 0 0 0 20 0 {threads} 0 {ticks} 0 0\n".encode()
    found = parse_stat(b"9 (" + name + b")" + rest)
    assert (found.pid, found.state, found.parent) == (9, "S", parent)
    assert (found.session, found.threads, found.start_ticks) == (4, threads, ticks)
