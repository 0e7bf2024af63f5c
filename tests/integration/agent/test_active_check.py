"""`insvc.agent.active_check`: one socket for all, and only the right answer in time counts."""

import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest

from insvc.agent.active_check import LOOPBACK, ActiveChecks
from insvc.agent.loop import Loop
from insvc.model.observation import ProcessIdentity
from insvc.model.words import Manager
from insvc.supervise.active_check import INVERTED
from insvc.supervise.definition import ActiveCheck, ServiceDefinition
from insvc.supervise.unit import Event, Unit

pytestmark = pytest.mark.integration
ADDRESS = "127.77.1.1"
ME = ProcessIdentity(boot_id="b", pid=7, start_ticks=9)


class Daemon:
    """A process that is asked, as its socket sees it."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((ADDRESS, 0))
        self.socket.settimeout(20.0)
        self.port = int(self.socket.getsockname()[1])
        self.whom: tuple[str, int] = ("", 0)

    def asked(self) -> tuple[str, int]:
        """Whose name and which number it was asked with."""
        text, self.whom = self.socket.recvfrom(512)
        name, magic, number = text.decode().split()
        assert magic == "12345678"
        return name, int(number)

    def answer(self, name: str, number: int, magic: int = INVERTED) -> None:
        """Answer to whoever asked last."""
        self.socket.sendto(f"{name} {magic:8x} {number}\0".encode(), self.whom)


class World:
    """Checks at work on a clock that the test turns."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.loop = Loop()
        self.events: list[tuple[str, str]] = []
        self.main: ProcessIdentity | None = ME
        self.daemon = Daemon()
        self.checks = ActiveChecks(
            ADDRESS, self.loop, self.feed, lambda _: self.main, lambda: self.now
        )
        self.loop.add_timed(self.checks)
        self.unit = Unit(
            definition=ServiceDefinition(
                name="x",
                manager=Manager.PMON,
                package="",
                active_check=ActiveCheck(
                    port=self.daemon.port, period_s=2.0, timeout_s=1.0, threshold=3
                ),
            ),
            state="running",
            main=ME,
            started_at=1000.0,
        )

    def feed(self, name: str, event: Event) -> None:
        self.events.append((name, event))

    def turn(self, seconds: float = 0.0) -> list[str]:
        """Let that much time pass, and everything happen; answers with the events since then."""
        self.now += seconds
        self.events.clear()
        for _ in range(3):
            self.loop.post(lambda: None)
            self.loop.run_once()
        return [event for _, event in self.events]

    def ask(self) -> int:
        """Ask, and answer with the number of the question."""
        self.checks.ask(self.unit)
        name, number = self.daemon.asked()
        assert name == "x"
        return number

    def answered(self, name: str, number: int, magic: int = INVERTED) -> list[str]:
        """The events that follow from this answer."""
        self.daemon.answer(name, number, magic)
        return self.turn()


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    try:
        yield made
    finally:
        made.checks.close()
        made.daemon.socket.close()
        made.loop.close()


def test_the_right_answer_is_a_sign_of_life_and_enough_of_them_forgive(world: World) -> None:
    for expected in ([], [], [Event.SETTLED], []):
        assert world.answered("x", world.ask()) == [Event.ALIVE, *expected]
        world.turn(2.0)


def test_wrong_answers_count_for_nothing(world: World) -> None:
    assert world.answered("x", world.ask()) == [Event.ALIVE]
    number = world.ask()
    assert world.answered("y", number) == []
    assert world.answered("x", number + 1) == []
    assert world.answered("x", number - 1) == []
    assert world.answered("x", number, 0x12345678) == []
    assert world.turn(1.0) == [Event.SILENT]


def test_a_late_answer_counts_for_nothing(world: World) -> None:
    assert world.answered("x", world.ask()) == [Event.ALIVE]
    number = world.ask()
    assert world.turn(1.0) == [Event.SILENT]
    assert world.answered("x", number) == []


def test_an_answer_counts_once(world: World) -> None:
    number = world.ask()
    assert world.answered("x", number) == [Event.ALIVE]
    assert world.answered("x", number) == []


def test_a_question_after_one_without_an_answer_tells_of_that_first(world: World) -> None:
    assert world.answered("x", world.ask()) == [Event.ALIVE]
    world.ask()
    world.ask()
    assert world.turn() == [Event.SILENT]


def test_who_has_never_answered_owes_nothing_for_three_minutes(world: World) -> None:
    world.ask()
    assert world.turn(1.0) == []
    world.now = 1000.0 + 180.0
    world.ask()
    assert world.turn(1.0) == [Event.SILENT]


def test_a_process_that_was_replaced_is_told_nothing_of(world: World) -> None:
    assert world.answered("x", world.ask()) == [Event.ALIVE]
    number = world.ask()
    world.main = replace(ME, pid=8)
    assert world.answered("x", number) == []
    world.unit = replace(world.unit, main=world.main, started_at=world.now)
    world.ask()
    assert world.turn(1.0) == []


def test_what_has_no_process_or_is_not_in_active_mode_is_not_asked(world: World) -> None:
    world.checks.ask(replace(world.unit, main=None))
    plain = replace(world.unit.definition, active_check=None)
    world.checks.ask(replace(world.unit, definition=plain))
    assert world.checks.wait_s() is None


def test_without_its_port_nobody_is_asked_and_nobody_judged(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.checks.port = world.daemon.port
    for _ in range(3):
        world.checks.ask(world.unit)
        assert world.turn(5.0) == []
    assert capsys.readouterr().err.count("cannot be had") == 1
    world.checks.port = 0
    assert world.answered("x", world.ask()) == [Event.ALIVE]


def test_a_host_beyond_the_loopback_is_asked_on_the_usual_loopback_address(world: World) -> None:
    checks = ActiveChecks("192.0.2.7", world.loop, world.feed, lambda _: ME)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.bind((LOOPBACK, 0))
        daemon.settimeout(20.0)
        port = daemon.getsockname()[1]
        check = ActiveCheck(port=port, period_s=2.0, timeout_s=1.0, threshold=3)
        definition = replace(world.unit.definition, active_check=check)
        checks.ask(replace(world.unit, definition=definition, started_at=None))
        assert daemon.recv(512).startswith(b"x 12345678 ")
    checks.close()
