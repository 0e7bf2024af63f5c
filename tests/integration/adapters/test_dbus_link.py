"""A connection to a D-Bus peer: every wait ends, whatever the peer does."""

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from insvc.adapters.dbus import Message
from insvc.adapters.dbus_link import Call, CallRefused, Link
from insvc.adapters.systemd_bus import BUS_SOCKET, NAME, PRIVATE_SOCKET
from insvc.errors import WorldError
from tests.fakes.systemd import MANAGER, Drop, FakeSystemd, Hang, Refuse

pytestmark = pytest.mark.integration
SOON_S = 0.2


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeSystemd]:
    made = FakeSystemd(tmp_path, is_direct=True)
    yield made
    made.close()


@pytest.fixture
def link(fake: FakeSystemd, tmp_path: Path) -> Iterator[Link]:  # noqa: ARG001 - it listens
    made = Link.open(tmp_path / BUS_SOCKET, destination=NAME, timeout_s=SOON_S)
    yield made
    made.close()


def call(member: str, signature: str = "", *arguments: object) -> Call:
    return Call(
        path="/x", interface=MANAGER, member=member, signature=signature, arguments=arguments
    )


def raises(error: type[Exception]) -> object:
    def act(*_: object) -> None:
        raise error

    return act


def is_removed(signal: Message) -> bool:
    return signal.member == "JobRemoved"


def test_a_call_is_answered(fake: FakeSystemd, link: Link) -> None:
    fake.on["Sum"] = lambda one, other: ("u", one + other)
    assert link.call(call("Sum", "uu", 2, 3)) == (5,)
    assert fake.calls == [("Sum", 2, 3)]


def test_the_greeting_ends_before_the_first_message_is_sent(
    fake: FakeSystemd,
    link: Link,  # noqa: ARG001 - it greeted
) -> None:
    user = str(os.geteuid()).encode().hex().encode()
    assert fake.greetings == [b"\0AUTH EXTERNAL " + user + b"\r\nBEGIN\r\n"]


def test_answers_to_many_calls_come_in_their_order(fake: FakeSystemd, link: Link) -> None:
    def half(number: int) -> tuple[str, int]:
        if number == 7:
            raise Refuse("org.example.Seven")
        return "u", number // 2

    fake.on["Half"] = half
    told = link.ask_all([call("Half", "u", number) for number in range(100)])
    assert isinstance(told[7], CallRefused)
    numbers = [one.values()[0] for one in told if isinstance(one, Message)]
    assert numbers == [number // 2 for number in range(100) if number != 7]


def test_a_refused_call_says_why(fake: FakeSystemd, link: Link) -> None:
    def refuse() -> None:
        raise Refuse("org.example.No")

    fake.on["Ask"] = refuse
    with pytest.raises(CallRefused, match=r"no \(org.example.No\)") as refused:
        link.call(call("Ask"))
    assert (refused.value.name, refused.value.text) == ("org.example.No", "no")


def test_an_error_without_a_word_is_told_by_its_name() -> None:
    assert str(CallRefused("org.example.No", "")) == "org.example.No"


def test_a_peer_that_never_answers_is_left_in_time(fake: FakeSystemd, link: Link) -> None:
    fake.on["Ask"] = raises(Hang)  # type: ignore[assignment]
    began = time.monotonic()
    with pytest.raises(WorldError, match="does not answer in time"):
        link.call(call("Ask"))
    assert SOON_S <= time.monotonic() - began < SOON_S + 1


def test_a_call_may_have_less_time_of_its_own(fake: FakeSystemd, link: Link) -> None:
    fake.on["Ask"] = raises(Hang)  # type: ignore[assignment]
    with pytest.raises(WorldError, match="does not answer in time"):
        link.call(call("Ask"), timeout_s=0.0)


def test_a_peer_that_goes_away_is_an_error(fake: FakeSystemd, link: Link) -> None:
    fake.on["Ask"] = raises(Drop)  # type: ignore[assignment]
    with pytest.raises(WorldError, match="closed the connection"):
        link.call(call("Ask"))


def test_nobody_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match="cannot connect"):
        Link.open(tmp_path / "none", destination=NAME)


@pytest.mark.parametrize(
    ("greeting", "reason"),
    [
        (b"REJECTED\r\n", "does not let us in"),
        (b"OK", "accepted the connection and does not answer"),
        (b"x" * 70000, "does not greet"),
    ],
)
def test_a_peer_that_does_not_greet_is_an_error(
    fake: FakeSystemd, tmp_path: Path, greeting: bytes, reason: str
) -> None:
    fake.on["AUTH"] = lambda: greeting
    with pytest.raises(WorldError, match=reason):
        Link.open(tmp_path / BUS_SOCKET, destination=NAME, timeout_s=SOON_S)


def test_a_bus_that_refuses_us_is_an_error(fake: FakeSystemd, tmp_path: Path) -> None:
    def refuse() -> None:
        raise Refuse("org.freedesktop.DBus.Error.LimitsExceeded")

    fake.on["Hello"] = refuse
    with pytest.raises(WorldError, match="it refuses us"):
        Link.open(tmp_path / BUS_SOCKET, destination=NAME, timeout_s=SOON_S)


def test_a_signal_that_came_before_it_was_asked_for_is_kept(fake: FakeSystemd, link: Link) -> None:
    link.subscribe("type='signal'")
    fake.end_job("a.service", "done")
    link.call(call("Ask"))
    found = link.signal(is_removed, time.monotonic())
    assert found is not None
    assert found.values()[2:] == ("a.service", "done")


def test_a_signal_that_is_not_wanted_is_passed_by(fake: FakeSystemd, link: Link) -> None:
    fake.end_job("a.service", "done")
    assert link.signal(lambda _: False, time.monotonic() + 0.05) is None


def test_a_peer_that_is_no_bus_is_called_without_a_greeting_of_the_bus(
    fake: FakeSystemd, tmp_path: Path
) -> None:
    link = Link.open(tmp_path / PRIVATE_SOCKET, destination=NAME, is_bus=False)
    link.subscribe("not sent")
    assert link.call(call("Ask")) == ()
    assert fake.calls == [("Ask",)]
    link.close()


def test_a_peer_that_reads_nothing_is_left_in_time() -> None:
    ours, theirs = socket.socketpair()
    link = Link(ours, "peer", destination=NAME, timeout_s=SOON_S)
    with theirs, pytest.raises(WorldError, match="does not read"):
        link.tell(call("Ask", "s", "x" * 4_000_000))
    link.close()


def test_a_connection_that_breaks_while_it_is_used_is_an_error() -> None:
    ours, theirs = socket.socketpair()
    link = Link(ours, "peer", destination=NAME, timeout_s=SOON_S)
    theirs.close()
    with pytest.raises(WorldError, match="is lost"):
        link.tell(call("Ask"))
    link.close()
