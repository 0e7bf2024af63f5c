"""What is said where the disk is full or nobody listens."""

import sys

import pytest

from insvc.compat.output import let_go, say


def test_what_is_said_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert say("yes")
    assert say("no", err=True)
    assert capsys.readouterr() == ("yes\n", "no\n")


def test_a_full_disk_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:  # noqa: PTH123 - a device
        monkeypatch.setattr(sys, "stdout", full)
        assert not say("nobody reads this")
        assert say("and nothing of it is left for the end")


def test_a_stream_that_is_closed_holds_nothing() -> None:
    let_go(None)
