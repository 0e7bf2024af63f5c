"""A unit of systemd, looked after as by an init script."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from insvc.adapters.unit_act import (
    DONE,
    FAILED,
    NOT_CONFIGURED,
    NOT_INSTALLED,
    NOT_RUNNING,
    UNKNOWN,
    main,
)
from tests.fakes.systemd import FakeSystemd, Refuse

pytestmark = pytest.mark.integration


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSystemd]:
    monkeypatch.setenv("INSVC_ROOT", str(tmp_path))
    made = FakeSystemd(tmp_path)
    made.add("x.service")
    yield made
    made.close()


@pytest.mark.usefixtures("systemd")
def test_a_unit_is_started_stopped_and_looked_at() -> None:
    assert main(["status", "x"]) == DONE
    assert main(["stop", "x.service"]) == DONE
    assert main(["status", "x.service"]) == NOT_RUNNING
    assert main(["start", "x"]) == DONE
    assert main(["status", "x"]) == DONE


def test_a_unit_that_failed_is_told_so(systemd: FakeSystemd) -> None:
    systemd.units["x.service"]["ActiveState"] = "failed"
    assert main(["status", "x"]) == FAILED


def test_a_unit_that_systemd_starts_again_by_itself_is_not_owned_twice(
    systemd: FakeSystemd, capsys: pytest.CaptureFixture[str]
) -> None:
    systemd.add("twice.service", ActiveState="inactive", Restart="on-failure")
    assert main(["start", "twice"]) == NOT_CONFIGURED
    assert "two owners: Restart=on-failure" in capsys.readouterr().err
    assert systemd.units["twice.service"]["ActiveState"] == "inactive"
    assert main(["stop", "twice"]) == DONE


def test_a_job_that_fails_is_a_failed_act(
    systemd: FakeSystemd, capsys: pytest.CaptureFixture[str]
) -> None:
    systemd.result = "failed"
    assert main(["start", "x"]) == FAILED
    assert capsys.readouterr().err == "start of x.service: its job ended failed\n"


def test_a_job_that_is_refused_says_why(systemd: FakeSystemd) -> None:
    assert main(["start", "y"]) == NOT_INSTALLED
    assert main(["status", "y"]) == NOT_RUNNING

    def refuse(*_: str) -> None:
        raise Refuse("org.freedesktop.DBus.Error.AccessDenied")

    systemd.on["StopUnit"] = refuse
    assert main(["stop", "x"]) == FAILED


@pytest.mark.usefixtures("systemd")
def test_a_word_that_systemd_does_not_have_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["frobnicate", "x"]) == FAILED
    assert "expected one of start, stop, restart, status" in capsys.readouterr().err


def test_without_a_systemd_of_its_own_host_nothing_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INSVC_ROOT", str(tmp_path))
    assert (main(["start", "x"]), main(["status", "x"])) == (FAILED, UNKNOWN)
    assert f"no systemd runs the host below {tmp_path}" in capsys.readouterr().err
    (tmp_path / "run/systemd/system").mkdir(parents=True)
    assert (main(["stop", "x"]), main(["status", "x"])) == (FAILED, UNKNOWN)
