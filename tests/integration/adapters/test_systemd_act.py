"""One act of systemd's on one unit, over a real socket to a systemd that runs nothing."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from insvc.adapters.systemd import Systemd
from insvc.errors import WorldError
from insvc.model.act import DrainRule
from insvc.model.restart import Order, Restarted
from insvc.model.words import Action
from tests.fakes.systemd import Drop, FakeSystemd, Refuse
from tests.harness.systemd_acts import SOON_S, A, Act, acting, listening

pytestmark = pytest.mark.integration


def now_us() -> int:
    return int(time.monotonic() * 1e6)


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeSystemd]:
    with listening(tmp_path) as made:
        yield made


@pytest.fixture
def act(fake: FakeSystemd, tmp_path: Path) -> Act:  # noqa: ARG001 - it listens
    return acting(tmp_path)


def verbs(fake: FakeSystemd) -> list[str]:
    """What systemd was told to do, looks left out."""
    return [
        call[0]
        for call in fake.calls
        if call[0] not in {"Subscribe", "ListUnits", "ListUnitsByNames", "GetUnitProcesses"}
    ]


def test_a_restart_is_done_when_it_is_another_run(fake: FakeSystemd, act: Act) -> None:
    told = act()
    assert told.done
    assert told.said.startswith("systemd restarted it: run ")
    assert told.drained is True
    assert set(told.times) == {"stopped", "started", "ready"}
    assert verbs(fake) == ["RestartUnit"]


def test_a_job_that_failed_is_told_in_words(fake: FakeSystemd, act: Act) -> None:
    fake.result = "failed"
    fake.units[A] |= {"Result": "exit-code", "ExecMainCode": 1, "ExecMainStatus": 3}
    told = act()
    assert not told.done
    assert told.said == "its job failed; its last run ended with exit-code, exit status 3"


def test_a_unit_that_vanishes_is_told(fake: FakeSystemd, act: Act) -> None:
    fake.result = "collected"
    fake.on["RestartUnit"] = lambda name, _mode: (fake.units.pop(name), ("o", "/job/0"))[1]
    told = act()
    assert (told.done, told.said) == (False, "the unit is gone")


def test_a_refused_job_did_nothing(fake: FakeSystemd, act: Act) -> None:
    def refuse(*_: object) -> None:
        raise Refuse("org.freedesktop.DBus.Error.InteractiveAuthorizationRequired")

    fake.on["RestartUnit"] = refuse
    with pytest.raises(WorldError) as refused:
        act()
    assert refused.value.next_act == "run insvc as root"


def test_changed_unit_files_are_read_before(fake: FakeSystemd, act: Act) -> None:
    fake.units[A]["NeedDaemonReload"] = True
    assert "read the changed unit files" in act().said
    assert verbs(fake) == ["Reload", "RestartUnit"]


def test_what_the_changed_files_forbid_is_not_done(fake: FakeSystemd, act: Act) -> None:
    fake.units[A]["NeedDaemonReload"] = True
    fake.on["Reload"] = lambda: fake.units[A].update(LoadState="not-found")
    with pytest.raises(WorldError, match="its unit file is not-found"):
        act()
    assert verbs(fake) == ["Reload"]


def test_a_start_limit_that_was_hit_is_forgotten_knowingly(fake: FakeSystemd, act: Act) -> None:
    fake.units[A] |= {"ActiveState": "failed", "Result": "start-limit-hit"}
    assert "start limit was hit" in act().said
    assert verbs(fake) == ["ResetFailedUnit", "RestartUnit"]


def test_the_last_start_is_not_burnt(fake: FakeSystemd, act: Act) -> None:
    limits = {"StartLimitBurst": 3, "StartLimitIntervalUSec": 60_000_000}
    fake.units[A] |= {**limits, "InactiveExitTimestampMonotonic": now_us()}
    now = time.monotonic()
    with pytest.raises(WorldError, match="it was started 2 times lately"):
        act((now - 1.0, now))
    with pytest.raises(WorldError, match="3 starts in 60 s"):
        act(None)
    assert verbs(fake) == []
    assert act((now,)).done
    fake.units[A] |= {"InactiveExitTimestampMonotonic": now_us()}
    assert act(()).done


def test_what_loops_is_down_anyway_so_no_start_is_spared_for_it(
    fake: FakeSystemd, act: Act
) -> None:
    limits = {"StartLimitBurst": 5, "StartLimitIntervalUSec": 300_000_000}
    loops = {"ActiveState": "activating", "SubState": "auto-restart"}
    fake.units[A] |= {**limits, **loops, "InactiveExitTimestampMonotonic": now_us()}
    now = time.monotonic()
    assert act((now - 90.0, now - 60.0, now - 30.0, now)).done
    assert verbs(fake) == ["ResetFailedUnit", "RestartUnit"]


def test_a_short_wait_spares_the_last_start(fake: FakeSystemd, act: Act) -> None:
    limits = {"StartLimitBurst": 1, "StartLimitIntervalUSec": 200_000}
    fake.units[A] |= {**limits, "InactiveExitTimestampMonotonic": now_us()}
    began = time.monotonic()
    told = act((began,))
    assert told.done
    assert "waited 0.2 s" in told.said
    assert time.monotonic() - began >= 0.2


def test_old_starts_do_not_count(fake: FakeSystemd, act: Act) -> None:
    fake.units[A] |= {"StartLimitBurst": 1, "StartLimitIntervalUSec": 1_000_000}
    assert act(None).done


def test_a_reload_keeps_the_run(fake: FakeSystemd, act: Act) -> None:
    fake.units[A]["CanReload"] = True
    told = act(action=Action.RELOAD)
    assert (told.done, told.said, told.drained) == (True, "systemd reloaded it", None)
    assert verbs(fake) == ["ReloadUnit"]


def test_a_unit_that_still_says_it_reloads_is_waited_for(fake: FakeSystemd, act: Act) -> None:
    fake.units[A] |= {"CanReload": True}
    looks = iter(["active", "active", *["reloading"] * 4])

    def look(_kind: str) -> None:
        fake.units[A]["ActiveState"] = next(looks, "active")

    fake.on["GetAll"] = look
    assert act(action=Action.RELOAD).done


def test_a_unit_that_reloads_for_ever_is_not_done(fake: FakeSystemd, act: Act) -> None:
    fake.units[A] |= {"CanReload": True}
    looks = iter(["active", "active"])

    def look(_kind: str) -> None:
        fake.units[A]["ActiveState"] = next(looks, "reloading")

    fake.on["GetAll"] = look
    told = act(action=Action.RELOAD)
    assert not told.done
    assert "and yet it is reloading" in told.said


def test_a_handoff_by_a_socket_is_a_restart(fake: FakeSystemd, act: Act) -> None:
    fake.units[A]["TriggeredBy"] = ["a.socket"]
    assert act(action=Action.HANDOFF).done
    assert verbs(fake) == ["RestartUnit"]


def test_a_job_that_waits_in_vain_is_taken_back(fake: FakeSystemd, act: Act) -> None:
    fake.result = None
    told = act()
    assert not told.done
    assert "taken back" in told.said


@pytest.mark.parametrize(("limit_us", "words"), [(90_000_000, "after 90 s"), (0, "never gives up")])
def test_a_stop_that_does_not_end_is_left_to_systemd(
    fake: FakeSystemd, act: Act, limit_us: int, words: str
) -> None:
    fake.result = None

    def hang(*_: object) -> None:
        fake.units[A] |= {"ActiveState": "deactivating", "TimeoutStopUSec": limit_us}

    fake.on["RestartUnit"] = hang
    told = act()
    assert not told.done
    assert "it is deactivating (running)" in told.said
    assert words in told.said
    assert told.drained is None


def test_a_start_that_does_not_end_is_left_to_systemd(fake: FakeSystemd, act: Act) -> None:
    fake.result = None
    fake.on["RestartUnit"] = lambda name, _: fake.start_again(name, ActiveState="activating")
    told = act()
    assert not told.done
    assert "it is activating" in told.said


def hang_until_killed(fake: FakeSystemd) -> None:
    """Let the stop of the unit never end by itself."""
    fake.result = None

    def hang(*_: object) -> None:
        fake.units[A] |= {"ActiveState": "deactivating"}

    def kill(name: str, _whom: str, _number: int) -> None:
        fake.start_again(name)
        fake.end_job(name, "done")

    fake.on |= {"RestartUnit": hang, "KillUnit": kill}


def test_a_stop_that_outlasts_its_drain_is_killed(fake: FakeSystemd, act: Act) -> None:
    hang_until_killed(fake)
    told = act(drain=DrainRule(timeout_s=0.1))
    assert told.done
    assert told.drained is False
    assert "had not ended after 0.1 s and was killed" in told.said
    assert ("KillUnit", A, "all", 9) in fake.calls


def test_a_stop_that_outlasts_its_drain_is_left_where_it_says_so(
    fake: FakeSystemd, act: Act
) -> None:
    hang_until_killed(fake)
    told = act(drain=DrainRule(timeout_s=0.1, on_timeout="leave"))
    assert not told.done
    assert told.drained is False
    assert "KillUnit" not in verbs(fake)


def test_a_stop_within_its_drain_is_drained(
    fake: FakeSystemd,  # noqa: ARG001 - it listens
    act: Act,
) -> None:
    assert act(drain=DrainRule(timeout_s=5.0)).drained is True


def test_a_slow_start_is_no_slow_stop(fake: FakeSystemd, act: Act) -> None:
    fake.result = None
    fake.on["RestartUnit"] = lambda name, _: fake.start_again(name, ActiveState="activating")
    told = act(drain=DrainRule(timeout_s=0.1))
    assert not told.done
    assert "KillUnit" not in verbs(fake)


def test_what_was_stopped_with_it_is_told_to_be_back(fake: FakeSystemd, act: Act) -> None:
    fake.units[A]["RequiredBy"] = ["b.service", "c.service"]
    fake.add("b.service")
    fake.add("c.service", ActiveState="inactive")
    assert act().said.endswith("; restarted with it: b.service")


def test_what_was_stopped_with_it_and_is_not_back_is_told(
    fake: FakeSystemd, act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("insvc.adapters.systemd_act._BACK_S", 0.1)
    fake.units[A]["BoundBy"] = ["b.service"]
    fake.add("b.service")

    def restart(*_: object) -> None:
        fake.units["b.service"]["ActiveState"] = "failed"

    fake.on["RestartUnit"] = restart
    told = act()
    assert told.done
    assert told.said.endswith("stopped with it and not back: b.service")


def test_a_connection_lost_in_the_act_is_judged_by_what_runs(fake: FakeSystemd, act: Act) -> None:
    def drop(name: str, _mode: str) -> None:
        fake.start_again(name)
        raise Drop

    fake.on["RestartUnit"] = drop
    told = act()
    assert told.done
    assert "closed the connection" in told.said
    assert "judged by what runs" in told.said


def test_an_act_that_nobody_can_tell_of_is_unknown(fake: FakeSystemd, act: Act) -> None:
    def drop(*_: object) -> None:
        fake.close()
        raise Drop

    fake.on["RestartUnit"] = drop
    assert act() == Restarted(done=False, said="unknown")


def test_a_unit_still_under_way_after_the_loss_is_unknown(fake: FakeSystemd, act: Act) -> None:
    def drop(*_: object) -> None:
        fake.units[A]["ActiveState"] = "deactivating"
        raise Drop

    fake.on["RestartUnit"] = drop
    assert act().said == "unknown"


def test_a_reload_whose_end_was_lost_is_unknown(fake: FakeSystemd, act: Act) -> None:
    fake.units[A]["CanReload"] = True

    def drop(*_: object) -> None:
        raise Drop

    fake.on["ReloadUnit"] = drop
    assert act(action=Action.RELOAD).said == "unknown"


def test_systemd_executes_itself(fake: FakeSystemd, act: Act) -> None:
    def again() -> None:
        fake.loaded_at += 1

    fake.on["Reexecute"] = again
    told = act(service="init.scope", action=Action.HANDLER)
    assert told.done
    assert verbs(fake) == ["Reexecute"]


def test_systemd_that_has_another_name_on_the_bus_has_executed_itself(tmp_path: Path) -> None:
    fake = FakeSystemd(tmp_path)

    def again() -> None:
        fake.name = ":1.8"

    fake.on["Reexecute"] = again
    order = Order(service="init.scope", action=Action.HANDLER, timeout_s=SOON_S)
    assert Systemd(tmp_path, answer_s=SOON_S).restart(order).done
    fake.close()


def test_systemd_that_does_not_execute_itself_is_unknown(fake: FakeSystemd, act: Act) -> None:
    told = act(service="init.scope", action=Action.HANDLER)
    assert told == Restarted(done=False, said="unknown")
    assert verbs(fake) == ["Reexecute"]
