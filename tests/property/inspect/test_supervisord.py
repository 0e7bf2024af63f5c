"""No configuration and no answer makes the readers of supervisord fail unnamed."""

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from insvc.inspect.supervisord import (
    Access,
    Program,
    included,
    read_access,
    read_program,
    row_of,
    words_of,
)

PIECES = st.sampled_from(
    ["[unix_http_server]", "[inet_http_server]", "[include]", "[", "]", "=", ":", ";", "#", "\n",
     "file", "port", "files", "password", "%(here)s", "%(ENV_X)s", "%", "{SHA}", "9001", " ", "\0"]
)  # fmt: skip
TEXTS = st.one_of(st.text(), st.lists(PIECES).map("".join), st.lists(PIECES).map("\n".join))
VALUES = st.one_of(st.integers(), st.text(), st.none(), st.lists(st.integers()))
NAMES = st.sampled_from(["name", "group", "state", "pid", "start", "exitstatus", "description"])


@given(text=TEXTS)
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    with suppress(ValueError):
        assert isinstance(read_access(text, "/etc/supervisord.conf"), Access | None)
    with suppress(ValueError):
        assert all(one.startswith("/") for one in included(text, "/etc/supervisord.conf"))


@given(info=st.one_of(VALUES, st.dictionaries(NAMES, VALUES)))
def test_any_answer_is_read_or_refused_in_words(info: object) -> None:
    with suppress(ValueError):
        found = read_program(info)
        assert isinstance(found, Program)
        assert words_of(found)
        assert row_of(found, None, restarts=0, is_below=True).name == found.name
