"""Our own pmon and sm, as processes, under the suite that holds for every manager of services.

The lab runs the same suite on systemd and Pacemaker (`lab/tests/test_service_managers.py`).
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from insvc.adapters.ask import ask
from insvc.adapters.launcher import LIBRARY
from insvc.adapters.pidfd import read_identity
from insvc.adapters.sm_client import SmClient
from insvc.adapters.wire import from_json, to_json
from insvc.errors import WorldError
from insvc.model.act import ActFacts, DrainRule, Intent
from insvc.model.manager_row import ManagerRow
from insvc.model.words import Action, Manager, Role
from tests.fakes.host_folder import PORT, HostFolder
from tests.harness.service_managers import (
    BEHAVIOURS,
    NAMES,
    PROGRAM,
    Behaviour,
    Seen,
    Told,
    hold_to,
    until,
    until_up,
)

pytestmark = pytest.mark.integration
DRAIN_S = 0.5


class OwnStage:
    """A real agent with its pmon; below it, for sm, a real service manager daemon."""

    manager: Manager
    cannot: Mapping[str, str] = {}
    patience_s = 60.0
    most_failing_starts = 8

    def __init__(self, folder: HostFolder) -> None:
        self.folder = folder
        self._steps = count(1)
        (folder.root / "usr/bin/suite").write_text(PROGRAM)
        (folder.path / "run" / "events").touch()
        for number, name in enumerate(NAMES):
            port = PORT + 1 + number
            folder.define(
                name,
                manager=self.manager,
                command=["usr/bin/suite", name, "{run}", "{address}", str(port)],
                port=port,
                drain=to_json(DrainRule(timeout_s=DRAIN_S)),
                depends_on=["db"] if name == "api" and self.manager is Manager.SM else [],
                runs_when="active",
                interval_s=0.1,
            )
        self.agent = self._agent()

    def look(self, name: str) -> ManagerRow:
        rows = from_json(tuple[ManagerRow, ...], self._ask("managers"))
        return next(row for row in rows if row.name == name)

    def restart(self, name: str, *, with_dependants: bool = False) -> Told:
        intent = Intent(
            run="suite",
            step=f"step-{next(self._steps)}",
            action=Action.RESTART,
            service=name,
            with_dependants=with_dependants,
            dwell_s=0.0,
            timeout_s=30.0,
        )
        facts = from_json(ActFacts, self._ask("perform", intent=to_json(intent)))
        return Told(facts.manager_done, facts.said, refused=not facts.accepted)

    def events(self) -> list[Seen]:
        lines = (self.folder.path / "run" / "events").read_text().splitlines()
        return [Seen(word, name, int(pid)) for word, name, pid in map(str.split, lines)]

    def set(self, name: str, word: str) -> None:
        (self.folder.path / "run" / f"{name}.{word}").touch()

    def unset(self, name: str, word: str) -> None:
        (self.folder.path / "run" / f"{name}.{word}").unlink()

    def kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)

    def is_alive(self, pid: int) -> bool:
        return read_identity(pid) is not None

    def close(self) -> None:
        with suppress(WorldError):
            self._ask("shutdown")
        self.agent.kill()
        self.agent.wait(30)

    def _agent(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "insvc.agent", str(self.folder.path)],
            env={**os.environ, "PYTHONPATH": str(LIBRARY)},
        )

    def _ask(self, name: str, **arguments: Any) -> Any:
        path = self.folder.path / "run" / "agent.sock"
        return ask(path, {"ask": name, **arguments}, 60.0, patience_s=20.0)


class PmonStage(OwnStage):
    """pmon, in the agent."""

    manager = Manager.PMON
    cannot: Mapping[str, str] = {
        "a_restart_with_dependants_takes_them_down_before_and_up_after": "pmon's processes do not "
        "depend on one another; what needs an order is sm's",
    }

    def stop(self, name: str) -> None:
        self._ask("wish", wish="stop", service=name)

    def start(self, name: str) -> None:
        self._ask("wish", wish="start", service=name)

    def renew(self) -> None:
        self.agent.kill()
        self.agent.wait(30)
        self.agent = self._agent()
        self._ask("ping")


class SmStage(OwnStage):
    """sm, a daemon that pmon keeps up. What it runs follows the host's role."""

    manager = Manager.SM

    def __init__(self, folder: HostFolder) -> None:
        folder.define("sm", "sm", port=PORT)
        self.client = SmClient(folder.path)
        super().__init__(folder)

    def stop(self, name: str) -> None:
        assert name in NAMES
        assert self.client.take_role(Role.STANDBY, 30.0) == ()

    def start(self, name: str) -> None:
        assert name in NAMES
        self.client.take_role(Role.ACTIVE, 30.0)

    def renew(self) -> None:
        pid = until_up(self, "sm")
        self.kill(pid)
        until_up(self, "sm", other_than=pid)
        until(self, lambda: len(self.client.services().services) == len(NAMES), "sm answers")


@pytest.fixture(params=[PmonStage, SmStage], ids=["pmon", "sm"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OwnStage]:
    folder = HostFolder(tmp_path / "cloud" / "hosts" / "h")
    made: OwnStage = request.param(folder)
    try:
        yield made
    finally:
        made.close()
        folder.clean()


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda one: one.__name__)
def test_a_manager_of_services_behaves(stage: Any, behaviour: Behaviour) -> None:
    hold_to(stage, behaviour)


def test_what_a_manager_cannot_is_a_behaviour_of_the_suite() -> None:
    known = {one.__name__ for one in BEHAVIOURS}
    for one in (PmonStage, SmStage):
        assert set(one.cannot) <= known
