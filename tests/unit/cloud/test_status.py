from pathlib import Path
from typing import Any

import pytest

from insvc.cloud.status import CloudStatus, cloud_status, main_pid, status_document
from insvc.errors import UnknownName
from insvc.model.observation import HostObservation, Instance, Observation, ProcessIdentity
from insvc.model.words import InstanceState, Manager, Role

RUNS = Instance(
    service="vim",
    manager=Manager.SM,
    processes=(ProcessIdentity(boot_id="b", pid=7, start_ticks=1),),
    version="1.0-1",
)
STOPPED = Instance(service="vim-api", state=InstanceState.STOPPED)


def test_the_document_tells_hosts_roles_and_services() -> None:
    seen = HostObservation(host="c-0", role=Role.ACTIVE, locked=True, instances=(RUNS, STOPPED))
    lost = HostObservation(host="c-1", reachable=False, unseen=("no answer",))
    status = CloudStatus(
        directory=Path("/c"), keeper_pid=5, observation=Observation(hosts=(seen, lost))
    )
    document = status_document(status)
    assert document["running"] is True
    hosts: Any = document["hosts"]
    first, second = hosts
    assert (first["role"], first["locked"]) == ("active", True)
    assert first["services"][0]["pid"] == 7
    assert first["services"][1]["state"] == "stopped"
    assert second["reachable"] is False
    assert second["unseen"] == ["no answer"]


def test_what_does_not_run_has_no_pid() -> None:
    assert main_pid(RUNS) == 7
    assert main_pid(STOPPED) is None


def test_a_place_without_a_cloud_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="holds no cloud"):
        cloud_status(tmp_path)
