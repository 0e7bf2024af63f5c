"""Whether the service manager answers within its bound."""

import json
from pathlib import Path

import pytest

from insvc.cloud.role_sm_watchdog import Watch
from insvc.standin.web import Request
from tests.fakes.sm_socket import FakeSm


def status(watch: Watch) -> dict[str, object]:
    """What it answers at `/status`."""
    reply = watch.answer(Request("GET", "/status", {}, b""))
    assert reply is not None
    answer: dict[str, object] = json.loads(reply.body)
    return answer


def test_before_the_first_look_nothing_is_claimed(tmp_path: Path) -> None:
    assert status(Watch(tmp_path))["sm_answers"] is False


def test_silence_and_return_are_seen_counted_and_said(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    watch = Watch(tmp_path)
    with FakeSm(tmp_path):
        watch.beat()
        seen = status(watch)
        assert (seen["sm_answers"], seen["looks"], seen["missed"]) == (True, 1, 0)
        assert seen["kernel_watchdog"] is False
    watch.beat()
    watch.beat()
    seen = status(watch)
    assert (seen["sm_answers"], seen["missed"], seen["missed_in_a_row"]) == (False, 2, 2)
    assert "cannot connect" in str(seen["last_fault"])
    with FakeSm(tmp_path):
        watch.beat()
    seen = status(watch)
    assert (seen["sm_answers"], seen["missed"], seen["missed_in_a_row"]) == (True, 2, 0)
    said = capfd.readouterr().out
    assert said.count("no kernel watchdog is armed") == 1
    assert "sm answers again after 2 missed" in said


def test_other_paths_are_not_its_own(tmp_path: Path) -> None:
    assert Watch(tmp_path).answer(Request("GET", "/v1", {}, b"")) is None
