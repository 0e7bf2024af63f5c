"""What source files held earlier."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insvc.inspect.remembered import (
    FORMAT,
    State,
    by_path,
    is_same_code,
    kept,
    states_in,
    text_of,
)

OLD, NEW = "a" * 64, "b" * 64


def state(
    began_at: float = 100.0, seen_at: float = 300.0, digest: str = OLD, path: str = "/srv/x.py"
) -> State:
    return State(path, 7, 10, int(began_at * 1e9), 5, digest, seen_at)


def test_a_process_started_while_it_was_so_has_read_it() -> None:
    assert is_same_code([state()], 200.0, OLD) is True
    assert is_same_code([state()], 200.0, NEW) is False


@pytest.mark.parametrize("started_at", [99.0, 301.0])
def test_a_process_started_before_or_after_may_have_read_something_else(started_at: float) -> None:
    assert is_same_code([state()], started_at, OLD) is None
    assert is_same_code([], started_at, OLD) is None


def test_two_contents_at_one_moment_tell_nothing() -> None:
    assert is_same_code([state(), state(90.0, digest=NEW)], 200.0, OLD) is None
    assert is_same_code([state(), state(90.0)], 200.0, OLD) is True


def test_something_else_in_between_may_have_been_read_too() -> None:
    between = state(400.0, 500.0, NEW)
    assert is_same_code([state(), between], 200.0, OLD) is None
    assert is_same_code([state(), between], 200.0, NEW) is False
    assert is_same_code([state(), replace(between, digest=OLD)], 200.0, OLD) is True


def test_what_no_living_process_has_read_is_forgotten() -> None:
    assert kept([state()], [301.0]) == ()
    assert kept([state()], []) == ()
    assert kept([state()], [200.0, 301.0]) == (state(),)


def test_what_came_since_is_kept_behind_what_was_read() -> None:
    since = state(400.0, 500.0, NEW)
    assert kept([since, state()], [200.0]) == (state(), since)
    assert kept([since, state()], [200.0], most=1) == (state(),)


def test_of_one_state_the_last_look_counts() -> None:
    assert kept([state(), state(seen_at=400.0), state(seen_at=350.0)], [200.0]) == (
        state(seen_at=400.0),
    )


def test_states_are_found_by_path() -> None:
    one, other = state(), state(path="/srv/y.py")
    assert by_path([one, other, one]) == {"/srv/x.py": [one, one], "/srv/y.py": [other]}


@given(
    st.lists(
        st.builds(state, st.floats(0, 1e9), st.floats(0, 2e9), path=st.text().map("/".__add__))
    )
)
def test_what_is_written_is_read_again(states: list[State]) -> None:
    assert states_in(text_of(states)) == tuple(states)


def test_names_that_are_no_text_are_kept() -> None:
    odd = state(path="/srv/\udcff.py")
    assert states_in(text_of([odd])) == (odd,)


@pytest.mark.parametrize(
    "told",
    [
        [],
        {},
        {"format": "insvc-sources/2", "states": []},
        {"format": FORMAT},
        {"format": FORMAT, "states": {}},
        {"format": FORMAT, "states": [[]]},
        {"format": FORMAT, "states": ["x"]},
        {"format": FORMAT, "states": [["/x", 1, 1, 1, True, OLD, 1.0]]},
        {"format": FORMAT, "states": [["x", 1, 1, 1, 1, OLD, 1.0]]},
        {"format": FORMAT, "states": [["/x", 1, 1, 10**400, 1, OLD, 1.0]]},
        {"format": FORMAT, "states": [["/x", 1, 1, -1, 1, OLD, 1.0]]},
        {"format": FORMAT, "states": [["/x", 1, 1, 1, 1, OLD, float("nan")]]},
        {"format": FORMAT, "states": [["/x", 1, 1, 1, 1, "short", 1.0]]},
        {"format": FORMAT, "states": [0] * 50_001},
    ],
    ids=str,
)
def test_another_form_is_refused(told: object) -> None:
    with pytest.raises(ValueError, match=r"is not in|holds"):
        states_in(json.dumps(told))


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        states_in(text)
