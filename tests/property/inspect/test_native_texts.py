"""Whatever stands in an init script, a pmon file, an agent's XML or sm's answer: none breaks us."""

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from insvc.inspect.init_script import Found, entry_of, read_script, row_of
from insvc.inspect.ocf_manual import read_manual
from insvc.inspect.starlingx_pmon import read_monitored
from insvc.inspect.starlingx_sm import enable_needs, read_answer, standing_of

ODD = st.sampled_from(
    ["$A", "${A:-$B}", "/run/", "..", "`id`", "$(id)", "none", '"', "'", "\\", " ", "x", "9" * 400]
)
VALUES = st.lists(ODD, max_size=8).map("".join)
ASSIGNED = st.builds(
    "{}={}".format, st.sampled_from(["A", "B", "DAEMON", "PIDFILE", "NAME", "prog"]), VALUES
)
SCRIPTS = st.lists(ASSIGNED | st.text(max_size=30), max_size=12).map(
    lambda lines: "\n".join(["### BEGIN INIT INFO", "# Provides: x", "### END INIT INFO", *lines])
)
KEYS = ["process", "service", "pidfile", "severity", "restarts", "interval", "debounce", "mode",
        "startuptime", "quorum", "subfunction", "script"]  # fmt: skip
WORDS = ["a", "major", "3", "passive", "status", "-1", "9" * 400, "../x", "", "; x", "/run/a"]
CONFS = st.lists(
    st.builds("{} = {}".format, st.sampled_from(KEYS), st.sampled_from(WORDS)), max_size=16
).map(lambda lines: "\n".join(["[process]", *lines]))


@given(st.text() | SCRIPTS)
def test_only_whole_paths_are_taken_from_a_script(text: str) -> None:
    script = read_script("x", text)
    if script is None:
        return
    for path in (*script.pidfiles, *([script.program] if script.program else [])):
        assert path.startswith("/")
        assert ".." not in path.split("/")
        assert not set(path) & set("$`'\"\\ \n")
    row_of(script, Found())
    entry_of(script, [script])


@given(st.text() | CONFS)
def test_a_pmon_file_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        found = read_monitored(text)
        assert 0.0 <= found.startup_s <= 3600.0
        assert "/" not in found.name
        assert (found.pidfile is None) == (found.mode == "status")


@given(st.text() | st.text().map(lambda inner: f"<resource-agent>{inner}</resource-agent>"))
def test_an_agents_words_are_read_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        read_manual(text)


@given(st.text() | st.text(max_size=9).map(lambda word: f"vim is enabled-active{word}"))
def test_only_the_whole_word_is_an_answer_of_an_active_service(text: str) -> None:
    standing = read_answer("vim", text)
    if standing is not None and standing.is_active:
        assert "vim is enabled-active" in [line.strip() for line in text.splitlines()]


@given(st.lists(st.tuples(*[st.none() | st.integers() | st.text() | st.just("enable")] * 3)))
def test_whatever_a_table_holds_is_taken_or_left(rows: list[tuple[object, object, object]]) -> None:
    enable_needs(rows)
    for row in rows:
        standing_of(*row)
