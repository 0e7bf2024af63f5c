"""Reading what others wrote: any text is read or told; a glob fits what its expression fits."""

import re
from fnmatch import fnmatchcase

from hypothesis import given, settings
from hypothesis import strategies as st

from insvc.catalog.needrestart import move
from insvc.catalog.perl_settings import read_settings
from insvc.catalog.regex_globs import NoGlob, globs_of

QUICK = settings(max_examples=200, deadline=None, derandomize=True)
ATOMS = st.sampled_from(
    ["a", "b", "@", "-", r"\.", ".", r"\d", r"\w", "[ab]", "[^a]", "[0-9.]", "1", r"\*"]
)
REPEATED = st.tuples(ATOMS, st.sampled_from(["", "", "", "*", "+", "?"])).map("".join)


def grouped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    sequence = st.lists(inner, min_size=1, max_size=3).map("".join)
    group = st.lists(sequence, min_size=1, max_size=3).map(lambda parts: f"({'|'.join(parts)})")
    return st.tuples(group, st.sampled_from(["", "?", "+"])).map("".join)


PATTERNS = st.tuples(
    st.sampled_from(["", "^"]),
    st.lists(REPEATED | grouped(REPEATED), min_size=1, max_size=4).map("".join),
    st.sampled_from(["", "$"]),
).map("".join)
NAMES = st.text("ab@-.01*", min_size=1, max_size=8)
PERL = st.text("$conf{}()[]=>,;'\"qr^#\\ \n1a-", max_size=60)


@QUICK
@given(pattern=PATTERNS, names=st.lists(NAMES, min_size=1, max_size=20))
def test_a_glob_fits_every_name_that_its_expression_fits(pattern: str, names: list[str]) -> None:
    try:
        found = globs_of(pattern)
    except NoGlob:
        return
    for name in names:
        by_glob = any(fnmatchcase(name, glob) for glob in found.globs)
        by_expression = re.search(pattern, name) is not None
        assert by_glob or not by_expression
        assert by_expression or found.is_wider or not by_glob


@QUICK
@given(text=PERL | st.text(max_size=60))
def test_any_text_is_read_to_its_end_and_moved(text: str) -> None:
    moved = move([("a.conf", read_settings(text, "conf"))])
    lines = [int(one.where.rpartition(":")[2]) for one in moved.told]
    assert lines == sorted(lines)
    assert all(1 <= line <= text.count("\n") + 1 for line in lines)


@QUICK
@given(pattern=st.text(max_size=20))
def test_any_expression_becomes_globs_or_a_reason(pattern: str) -> None:
    try:
        found = globs_of(pattern).globs
    except NoGlob as fault:
        found = (str(fault),)
    assert all(found)
