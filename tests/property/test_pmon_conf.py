"""Laws of process files: whatever the text, it is a definition or its faults are told."""

from hypothesis import given
from hypothesis import strategies as st

from insvc.adapters.definitions import check_definition
from insvc.model.pmon_conf import KEYS, read_pmon_conf
from insvc.supervise.pmon_conf import definition_of
from tests.fakes.pmon_confs import confs

WORDS = st.sampled_from(
    ["", "0", "1", "3", "121", "x", "a/b", "/run/x.pid", "../x", "major", "status", "active", "ocf"]
)
LINES = st.one_of(
    st.tuples(st.sampled_from(sorted(KEYS)), WORDS | st.text()).map(" = ".join),
    st.sampled_from(["[process]", "[other]", "; said", "", "half", "\0"]),
    st.text(),
)
TEXTS = st.lists(LINES, max_size=25).map("\n".join).map("[process]\n{}".format)
CUT = st.sampled_from(sorted(confs().values())).flatmap(
    lambda text: st.integers(0, len(text)).map(lambda end: text[:end])
)


@given(st.text() | TEXTS | CUT)
def test_any_text_is_a_definition_or_told_as_faulty(text: str) -> None:
    found = read_pmon_conf(text)
    assert (found.conf is None) == bool(found.faults)
    if found.conf is not None:
        definition = definition_of(found.conf)
        check_definition(definition)
        assert definition.interval_s >= 1.0
        assert ".." not in definition.pidfile.split("/")
    assert found.process is None or "/" not in found.process


@given(st.sampled_from(sorted(confs().values())), st.data())
def test_the_order_of_the_keys_means_nothing(text: str, draw: st.DataObject) -> None:
    first, *lines = text.splitlines()
    heading, *pairs = lines
    shuffled = draw.draw(st.permutations(pairs))
    again = "\n".join([first, heading, *shuffled]) + "\n"
    assert read_pmon_conf(again).conf == read_pmon_conf(text).conf
