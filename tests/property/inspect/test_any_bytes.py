"""Whatever stands in a file of /proc: a parser answers or refuses, and never breaks."""

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from insvc.errors import WorldError
from insvc.inspect.cgroup import group_of, owner_of, user_unit_of
from insvc.inspect.maps import executable_lines, executable_mappings, mapped_file, ranges_of
from insvc.inspect.stat import parse_stat

NUMBERS = st.sampled_from([b"0", b"1", b"-1", b"9" * 30, b"9" * 5000, b"x", b"", b"\xff"])
STATS = st.lists(NUMBERS, max_size=30).map(lambda words: b"7 (a b) S " + b" ".join(words))
LINES = st.builds(
    lambda *parts: b"%s-%s %s %s %s %s   %s" % parts,
    st.sampled_from([b"00400000", b"7f0000000000", b"", b"z"]),
    st.sampled_from([b"00401000", b"7f0000001000", b"f" * 40]),
    st.sampled_from([b"r-xp", b"rw-s", b"r-x", b"", b"\xffxx\n"]),
    st.sampled_from([b"0", b"00000000", b""]),
    st.sampled_from([b"08:01", b"fe:00", b"8", b":"]),
    st.sampled_from([b"0", b"1", b"9" * 21, b"9" * 5000, b"-1"]),
    st.binary(max_size=30).map(lambda name: b"/" + name),
)
MAPS = st.lists(LINES, max_size=6).map(b"\n".join) | st.binary()


@given(st.binary() | STATS)
def test_any_stat_is_read_or_refused(text: bytes) -> None:
    with contextlib.suppress(WorldError):
        parse_stat(text)


@given(MAPS)
def test_any_maps_are_read(text: bytes) -> None:
    executable_mappings(text)
    for tail in executable_lines(text):
        mapped_file(tail)
        ranges_of(text, tail)


@given(st.binary() | st.text().map(lambda text: f"0::/{text}".encode()))
def test_any_control_group_has_an_owner_above_it(text: bytes) -> None:
    group = group_of(text)
    owner = owner_of(group)
    user_unit_of(group)
    assert bool(owner.name) == (owner.group != "/")
