"""What is asked of systemd, over a real socket to one that runs nothing."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from insvc.adapters.dbus_link import CallRefused
from insvc.adapters.systemd_bus import Listed, SystemdBus, monotonic_offset_s, path_of, refused_call
from insvc.errors import WorldError
from tests.fakes.systemd import FakeSystemd, Refuse

pytestmark = pytest.mark.integration
SOON_S = 1.0


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeSystemd]:
    made = FakeSystemd(tmp_path)
    made.add("a.service")
    yield made
    made.close()


@pytest.fixture
def bus(fake: FakeSystemd, tmp_path: Path) -> Iterator[SystemdBus]:  # noqa: ARG001 - it listens
    made = SystemdBus.open(tmp_path, timeout_s=SOON_S, directly=False)
    yield made
    made.close()


def refuse(name: str) -> object:
    def act(*_: object) -> None:
        raise Refuse(name)

    return act


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("a.service", "a_2eservice"),
        ("getty@tty1.service", "getty_40tty1_2eservice"),
        ("7up", "_37up"),
        ("", "_"),
        ("ü", "_c3_bc"),
    ],
)
def test_the_path_of_a_unit_holds_plain_letters_alone(name: str, ending: str) -> None:
    assert path_of(name) == f"/org/freedesktop/systemd1/unit/{ending}"


def test_units_are_listed(bus: SystemdBus) -> None:
    assert bus.units() == (Listed(name="a.service", load="loaded", active="active", sub="running"),)


def test_states_are_asked_for_by_name_and_only_where_there_are_names(
    fake: FakeSystemd, bus: SystemdBus
) -> None:
    assert bus.states(["a.service", "b.service"]) == {
        "a.service": "active",
        "b.service": "inactive",
    }
    assert bus.states([]) == {}
    assert len(fake.calls) == 1


def test_facts_are_of_services_that_are_there(bus: SystemdBus) -> None:
    facts = bus.facts(["a.service", "b.service", "a.socket"])
    assert [(name, one.active, one.kind) for name, one in facts.items()] == [
        ("a.service", "active", "simple")
    ]


def test_a_unit_that_systemd_does_not_tell_of_is_not_there(
    fake: FakeSystemd, bus: SystemdBus
) -> None:
    fake.on["GetAll"] = refuse("org.freedesktop.DBus.Error.UnknownObject")  # type: ignore[assignment]
    assert bus.facts(["a@.service"]) == {}


def test_an_answer_of_another_form_says_nothing(fake: FakeSystemd, bus: SystemdBus) -> None:
    fake.on["GetAll"] = lambda _kind: ("s", "what?")
    assert bus.facts(["a.service"]) == {}


def test_timers_tell_when_they_ran_and_will(fake: FakeSystemd, bus: SystemdBus) -> None:
    fake.add("a.timer", LastTriggerUSec=5, NextElapseUSecRealtime=7)
    assert bus.elapses(["a.timer"]) == {"a.timer": (5, 7, 0)}


def test_the_result_of_a_job_is_waited_for(bus: SystemdBus) -> None:
    bus.follow_jobs()
    job = bus.begin("RestartUnit", "a.service")
    assert bus.result("/another", time.monotonic() + 0.05) is None
    job = bus.begin("RestartUnit", "a.service")
    assert bus.result(job, time.monotonic() + SOON_S) == "done"


def test_a_job_that_waits_is_taken_back(fake: FakeSystemd, bus: SystemdBus) -> None:
    fake.result = None
    assert bus.withdraw("/job/1")
    fake.result = "done"
    assert not bus.withdraw("/job/1")


def test_a_job_that_is_gone_is_not_taken_back(fake: FakeSystemd, bus: SystemdBus) -> None:
    fake.on["Get"] = refuse("org.freedesktop.DBus.Error.UnknownObject")  # type: ignore[assignment]
    assert not bus.withdraw("/job/1")


def test_what_else_is_asked_of_systemd(fake: FakeSystemd, bus: SystemdBus) -> None:
    bus.read_files_again(SOON_S)
    bus.forget_failure("a.service")
    bus.kill("a.service", 9)
    bus.re_execute()
    assert bus.processes("a.service") == {fake.units["a.service"]["MainPID"]}
    assert fake.calls[:4] == [
        ("Reload",),
        ("ResetFailedUnit", "a.service"),
        ("KillUnit", "a.service", "all", 9),
        ("Reexecute",),
    ]


def test_systemd_is_known_by_when_it_read_its_units_and_its_name(bus: SystemdBus) -> None:
    assert bus.incarnation() == (1_000_000, ":1.7")


def test_systemd_that_does_not_say_when_is_an_error(fake: FakeSystemd, bus: SystemdBus) -> None:
    fake.on["Get"] = refuse("org.freedesktop.DBus.Error.AccessDenied")  # type: ignore[assignment]
    with pytest.raises(WorldError, match=r"init\.scope"):
        bus.incarnation()


def test_what_systemd_refuses_is_an_error_in_its_words(fake: FakeSystemd, bus: SystemdBus) -> None:
    fake.on["ListUnits"] = refuse("org.freedesktop.DBus.Error.Failed")  # type: ignore[assignment]
    with pytest.raises(WorldError, match="systemd refuses: no"):
        bus.units()


def test_who_may_not_is_told_to_be_root() -> None:
    denied = refused_call(CallRefused("org.freedesktop.DBus.Error.AccessDenied", "no"), "a")
    assert denied.next_act == "run insvc as root"
    assert "journalctl" in refused_call(CallRefused("org.example.Failed", "no"), "a").next_act


def test_the_monotonic_clock_is_related_to_the_epoch() -> None:
    assert abs(monotonic_offset_s() + time.monotonic() - time.time()) < 1.0
