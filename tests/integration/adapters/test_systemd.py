"""The adapter of systemd, over a real socket to one that runs nothing."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from insvc.adapters.systemd import Systemd, find
from insvc.errors import UnknownName, WorldError
from insvc.model.restart import Order
from insvc.model.words import Action, InstanceState
from tests.fakes.systemd import FakeSystemd, Hang

pytestmark = pytest.mark.integration
A = "a.service"
SOON_S = 0.3


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeSystemd]:
    made = FakeSystemd(tmp_path)
    made.add(A)
    yield made
    made.close()


@pytest.fixture
def systemd(fake: FakeSystemd, tmp_path: Path) -> Systemd:  # noqa: ARG001 - it listens
    return Systemd(tmp_path, answer_s=SOON_S)


def test_it_is_found_where_systemd_booted_the_host(fake: FakeSystemd, tmp_path: Path) -> None:  # noqa: ARG001
    assert find(tmp_path) is not None
    assert find(tmp_path / "elsewhere") is None


def test_all_that_systemd_has_loaded_is_told(fake: FakeSystemd, systemd: Systemd) -> None:
    fake.add("gone.service", LoadState="not-found", ActiveState="inactive")
    fake.add("orphan.service", LoadState="not-found")
    fake.add("user@1000.service")
    fake.add("a.socket")
    assert {row.name for row in systemd.look().rows} == {A, "orphan.service"}


def test_what_rests_has_a_row_and_no_entry(fake: FakeSystemd, systemd: Systemd) -> None:
    fake.add("b.service", ActiveState="inactive", SubState="dead")
    account = systemd.look()
    assert {row.name for row in account.rows} == {A, "b.service"}
    assert {entry.name for entry in account.entries} == {A}


def test_a_job_of_a_timer_tells_its_runs(fake: FakeSystemd, systemd: Systemd) -> None:
    fake.add("job.timer", LastTriggerUSec=5_000_000, NextElapseUSecRealtime=9_000_000)
    fake.add(
        "job.service",
        ActiveState="inactive",
        SubState="dead",
        Type="oneshot",
        TriggeredBy=["job.timer"],
    )
    account = systemd.look(["job.service"])
    (row,) = account.rows
    assert (row.state, row.last_run_at, row.next_run_at) == (InstanceState.SCHEDULED, 5.0, 9.0)
    assert [entry.action for entry in account.entries] == [Action.NEXT_RUN]


def test_a_socket_that_listens_makes_a_handoff(fake: FakeSystemd, systemd: Systemd) -> None:
    fake.add("b.service", TriggeredBy=["b.socket"])
    fake.add("b.socket", SubState="listening")
    assert [entry.action for entry in systemd.look(["b.service"]).entries] == [Action.HANDOFF]
    fake.units["b.socket"]["ActiveState"] = "failed"
    assert [entry.action for entry in systemd.look(["b.service"]).entries] == [Action.RESTART]


def test_systemd_itself_is_told_of_when_asked_for(systemd: Systemd) -> None:
    assert [row.name for row in systemd.look(["init.scope"]).rows] == ["init.scope"]
    assert "init.scope" not in {row.name for row in systemd.look().rows}


def test_what_runs_is_told_by_one_question(fake: FakeSystemd, systemd: Systemd) -> None:
    fake.add("done.service", SubState="exited")
    fake.add("down.service", ActiveState="inactive")
    fake.add("a.socket")
    assert systemd.running() == {A}
    assert fake.calls == [("ListUnits",)]


def test_an_unknown_service_is_refused_by_name(systemd: Systemd) -> None:
    with pytest.raises(UnknownName):
        systemd.restart(Order(service="no.service"))


def test_what_must_not_be_restarted_is_refused_before_anything_is_done(
    fake: FakeSystemd, systemd: Systemd
) -> None:
    fake.add("b.service", LoadState="masked")
    with pytest.raises(WorldError, match="masked"):
        systemd.restart(Order(service="b.service"))
    assert fake.calls == []


def test_a_job_under_way_is_waited_for(fake: FakeSystemd, systemd: Systemd) -> None:
    assert not systemd.wait_for_end(A, 0.0)
    fake.units[A]["MainPID"] = 0
    assert systemd.wait_for_end(A, 0.0)


def test_the_end_of_a_job_is_seen(fake: FakeSystemd, systemd: Systemd) -> None:
    looks = []

    def answer(_kind: str) -> None:
        looks.append(1)
        fake.units[A]["MainPID"] = 0 if len(looks) > 2 else 7

    fake.on["GetAll"] = answer
    assert systemd.wait_for_end(A, 5.0)


def test_without_bus_and_without_right_the_error_is_the_buss(tmp_path: Path) -> None:
    systemd = Systemd(tmp_path, answer_s=SOON_S)
    with pytest.raises(WorldError, match="run/dbus/system_bus_socket"):
        systemd.look()


def test_the_superuser_needs_no_bus(tmp_path: Path) -> None:
    fake = FakeSystemd(tmp_path, has_bus=False, is_direct=True)
    fake.add(A)
    systemd = Systemd(tmp_path, answer_s=SOON_S)
    assert [row.name for row in systemd.look().rows] == [A]
    assert systemd.restart(Order(service=A)).done
    fake.close()
    with pytest.raises(WorldError):
        systemd.look()


def test_a_bus_that_hangs_is_left_in_time_with_a_name(fake: FakeSystemd, systemd: Systemd) -> None:
    def hang() -> None:
        raise Hang

    fake.on["Hello"] = hang
    began = time.monotonic()
    with pytest.raises(WorldError, match=r"system_bus_socket: it does not answer in time"):
        systemd.look()
    assert time.monotonic() - began < SOON_S + 2
