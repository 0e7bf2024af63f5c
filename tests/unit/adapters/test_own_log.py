"""A log that cannot be written is no reason to end."""

import os
import sys
import traceback

import pytest

from insvc.adapters.own_log import OwnLog, outlive_full_log


def test_what_a_full_disk_refuses_is_dropped() -> None:
    fd = os.open("/dev/full", os.O_WRONLY)
    assert OwnLog(fd).write("the disk is full\n") == 17
    os.close(fd)


def test_the_rest_is_written_whatever_it_holds() -> None:
    read, write = os.pipe()
    log = OwnLog(write)
    log.write("a file called \udcff\n")
    traceback.print_exception(ValueError("told"), file=log)
    os.close(write)
    with os.fdopen(read, "rb") as stream:
        told = stream.read()
    assert told.startswith(b"a file called \\udcff\n")
    assert told.endswith(b"ValueError: told\n")


def test_standard_error_is_such_a_log_from_then_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", sys.stderr)
    outlive_full_log()
    assert isinstance(sys.stderr, OwnLog)
