"""`insvc.supervise.pmon_command`: what a datagram of an old client asks."""

import pytest

from insvc.errors import InputError
from insvc.supervise.pmon_command import PmonCommand, read_command, refuse_in_service


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


@pytest.mark.parametrize("verb", ["stop", "restart"])
def test_the_service_manager_stays_up_on_a_host_in_service(verb: str) -> None:
    with pytest.raises(InputError, match="in service"):
        refuse_in_service(PmonCommand(verb, "sm"), is_locked=False)
    refuse_in_service(PmonCommand(verb, "sm"), is_locked=True)
    refuse_in_service(PmonCommand(verb, "fm-api"), is_locked=False)
    refuse_in_service(PmonCommand("start", "sm"), is_locked=False)
