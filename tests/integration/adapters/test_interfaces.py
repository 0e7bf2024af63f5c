"""Interfaces and addresses that come and go, in a network of their own."""

import json

import pytest

from insvc.adapters import interfaces as module
from insvc.adapters.interfaces import Interfaces
from insvc.supervise.netlink import Message
from tests.fakes.own_network import in_own_network

pytestmark = pytest.mark.integration

PROGRAM = """
import json, subprocess, time
from insvc.adapters.interfaces import Interfaces

told = {"interface old": "up, carrier"}

def has(subject, state):
    until = time.monotonic() + 30
    while told.get(subject) != state and time.monotonic() < until:
        time.sleep(0.01)
    print(json.dumps([subject, told.get(subject)]), flush=True)

def ip(*words):
    subprocess.run(["ip", *words], check=True)

followed = Interfaces(told.update, lambda: list(told))
assert followed.keep_listening() is None
assert followed.keep_listening() is None
has("interface old", "gone")
has("interface lo", "down, no carrier")
ip("link", "set", "lo", "up")
has("interface lo", "up, carrier")
ip("address", "add", "192.0.2.7/24", "dev", "lo")
has("address 192.0.2.7/24 on lo", "present")
ip("address", "del", "192.0.2.7/24", "dev", "lo")
has("address 192.0.2.7/24 on lo", "gone")
ip("link", "add", "one", "type", "veth", "peer", "name", "two")
ip("link", "set", "one", "up")
has("interface one", "up, no carrier")
ip("link", "set", "two", "up")
has("interface one", "up, carrier")
ip("link", "del", "one")
has("interface two", "gone")
"""
EXPECTED = [
    ["interface old", "gone"],
    ["interface lo", "down, no carrier"],
    ["interface lo", "up, carrier"],
    ["address 192.0.2.7/24 on lo", "present"],
    ["address 192.0.2.7/24 on lo", "gone"],
    ["interface one", "up, no carrier"],
    ["interface one", "up, carrier"],
    ["interface two", "gone"],
]


def test_every_change_is_told_as_it_happens() -> None:
    lines = in_own_network(PROGRAM)
    assert lines is None or [json.loads(line) for line in lines] == EXPECTED


def test_what_the_kernel_refuses_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(module, "RouteEvents", refuse)
    followed = Interfaces(lambda _: None, list)
    assert followed.keep_listening() == "interfaces: Operation not permitted"


class Deaf:
    """Events of which the kernel dropped some, and which then end."""

    closed = False

    def __init__(self) -> None:
        self._answers: list[tuple[Message, ...] | None] = [None]

    def wait(self) -> tuple[Message, ...] | None:
        """Once dropped, then the end."""
        if not self._answers:
            raise OSError(9, "closed")
        return self._answers.pop()

    def close(self) -> None:
        """Note that it was."""
        Deaf.closed = True


def test_after_dropped_messages_everything_is_looked_at_once_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "RouteEvents", Deaf)
    told: list[str] = []
    followed = Interfaces(lambda states: told.extend(states), list)
    assert followed.keep_listening() is None
    assert followed._thread is not None
    followed._thread.join(30)
    assert told.count("interface lo") == 2
    assert Deaf.closed


def test_an_interface_that_nobody_knows_goes_by_its_number() -> None:
    assert Interfaces(lambda _: None, list)._name(99_999_999) == "99999999"
