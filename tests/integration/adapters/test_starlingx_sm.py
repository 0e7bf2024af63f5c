"""`insvc.adapters.starlingx_sm`: sm's services, and restarts that nobody acknowledges."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from insvc.adapters.starlingx_db import PLACE
from insvc.adapters.starlingx_sm import StarlingxSm, find
from insvc.errors import UnknownName, WorldError
from insvc.model.restart import Order
from insvc.model.words import Action, InstanceState
from tests.fakes import starlingx


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    starlingx.sm(tmp_path)
    yield tmp_path
    starlingx.end_all(tmp_path)


def test_only_a_controller_has_it(tmp_path: Path) -> None:
    assert find(tmp_path) is None
    starlingx.sm(tmp_path)
    assert find(tmp_path) is not None


def test_services_are_told_as_sm_has_them(root: Path) -> None:
    starlingx.service(root, "oam-ip", pidfile=False)
    pid = starlingx.service(root, "haproxy", "oam-ip")
    starlingx.service(root, "horizon", STATE="disabled", DESIRED_STATE="disabled", pidfile=False)
    (root / "var/run/sm/services").mkdir()
    (root / "var/run/sm/services/haproxy.unmanaged").touch()
    manager = StarlingxSm(root)
    account = manager.look()
    assert {row.name: (row.state, row.pid) for row in account.rows} == {
        "oam-ip": (InstanceState.RUNNING, None),
        "haproxy": (InstanceState.RUNNING, pid),
        "horizon": (InstanceState.STOPPED, None),
    }
    assert manager.running() == {"oam-ip", "haproxy"}
    assert [one.depends_on for one in manager.look(["haproxy"]).entries] == [("oam-ip",)]
    assert account.unseen == ("haproxy: is unmanaged: sm only pretends to act on it",)


def test_starts_are_counted_as_they_are_seen(root: Path) -> None:
    first = starlingx.service(root, "haproxy")
    manager = StarlingxSm(root)
    assert manager.look().rows[0].restarts == 0
    os.kill(first, 9)
    starlingx.begin(root, "/var/run/haproxy.pid")
    assert [manager.look().rows[0].restarts for _ in range(2)] == [1, 1]


def test_a_dead_process_and_a_pid_file_without_a_number_are_seen(root: Path) -> None:
    os.kill(starlingx.service(root, "haproxy"), 9)
    manager = StarlingxSm(root)
    while manager.look().rows[0].state is not InstanceState.FAILED:
        pass
    (root / "var/run/haproxy.pid").write_text("none")
    assert manager.look().rows[0].pid is None
    assert manager.wait_for_end("haproxy", 0.0)


def test_the_end_of_what_runs_can_be_waited_for(root: Path) -> None:
    starlingx.service(root, "haproxy")
    assert not StarlingxSm(root).wait_for_end("haproxy", 0.0)
    with pytest.raises(UnknownName):
        StarlingxSm(root).wait_for_end("absent", 0.0)


def test_a_name_that_sm_does_not_have_is_an_error_although_its_command_says_0(root: Path) -> None:
    with pytest.raises(UnknownName, match="no such service that is provisioned"):
        StarlingxSm(root).restart(Order(service="keystone-all"))


@pytest.mark.parametrize("action", [Action.RELOAD, Action.HANDOFF])
def test_only_a_restart_can_be_ordered(root: Path, action: Action) -> None:
    starlingx.service(root, "haproxy")
    with pytest.raises(WorldError, match="sm can only restart"):
        StarlingxSm(root).restart(Order(service="haproxy", action=action))


def test_what_sm_cannot_do_is_refused(root: Path) -> None:
    starlingx.service(root, "horizon")
    (root / "var/run/sm/services").mkdir()
    (root / "var/run/sm/services/horizon.unmanaged").touch()
    with pytest.raises(WorldError, match="only pretend"):
        StarlingxSm(root).restart(Order(service="horizon"))


def test_a_command_that_others_may_write_is_never_run(root: Path) -> None:
    pid = starlingx.service(root, "haproxy")
    (root / "usr/bin/sm-restart-safe").chmod(0o777)
    with pytest.raises(WorldError, match="may be written by others"):
        StarlingxSm(root).restart(Order(service="haproxy"))
    (root / "usr/bin/sm-restart-safe").unlink()
    with pytest.raises(WorldError, match="is not there"):
        StarlingxSm(root).restart(Order(service="haproxy"))
    assert StarlingxSm(root).look().rows[0].pid == pid


def test_stored_sessions_are_deleted_where_that_is_ordered(root: Path) -> None:
    starlingx.service(root, "horizon")
    (root / "var/tmp/sessionid-folder").mkdir(parents=True)
    for name in ("sessionidabc", "other"):
        (root / "var/tmp" / name).touch()
    told = StarlingxSm(root).restart(Order(service="horizon", clears_sessions=True))
    assert told.done, told.said
    assert sorted(path.name for path in (root / "var/tmp").iterdir()) == [
        "other",
        "sessionid-folder",
    ]


def test_services_that_need_one_another_are_told(root: Path) -> None:
    starlingx.service(root, "a", "b", pidfile=False)
    starlingx.service(root, "b", "a", pidfile=False)
    account = StarlingxSm(root).look()
    assert account.unseen == ("sm.db: services need one another in a circle: a, b",)
    assert [one.depends_on for one in account.entries] == [(), ()]


def test_what_is_not_active_is_left_alone(root: Path) -> None:
    starlingx.service(root, "haproxy", STATE="enabling", pidfile=False)
    told = StarlingxSm(root).restart(Order(service="haproxy"))
    assert (told.done, told.said) == (
        False,
        "is enabling, expected enabled-active: nothing was done",
    )


def test_without_its_database_nothing_is_known(root: Path) -> None:
    (root / PLACE).unlink()
    with pytest.raises(WorldError, match="sm does not run"):
        StarlingxSm(root).look()
