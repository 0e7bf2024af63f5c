"""`insvc.supervise.pmon_command`: what a datagram of an old client asks."""

import pytest

from insvc.supervise.pmon_command import PmonCommand, read_command


@pytest.mark.parametrize(
    "text",
    [
        b'{"command":"restart", "process":"fm-api"}\n',
        b'{"process": "fm-api", "command": "restart", "more": 1}\0',
    ],
)
def test_a_command_names_what_to_do_and_a_process(text: bytes) -> None:
    assert read_command(text) == PmonCommand("restart", "fm-api")


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"restart fm-api",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"command": "reboot", "process": "x"}',
        b'{"command": ["restart"], "process": "x"}',
        b'{"command": "restart"}',
        b'{"command": "restart", "process": 7}',
        b'{"command": "restart", "process": "a\\nb"}',
    ],
)
def test_anything_else_is_told_and_asks_nothing(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"found .*, expected "):
        read_command(text)
