from pathlib import Path

from rich.console import Console

from insvc.cloud.status import CloudStatus
from insvc.cloud.status_text import status_table
from insvc.model.observation import HostObservation, Instance, Observation, ProcessIdentity
from insvc.model.words import InstanceState, Manager, Role, Verdict


def shown(*hosts: HostObservation, keeper_pid: int | None = 5) -> str:
    status = CloudStatus(
        directory=Path("/c"), keeper_pid=keeper_pid, observation=Observation(hosts=hosts)
    )
    console = Console(width=160)
    with console.capture() as captured:
        console.print(status_table(status))
    return captured.get()


def test_a_host_is_a_table_of_its_services() -> None:
    instance = Instance(
        service="vim",
        manager=Manager.SM,
        verdict=Verdict.STALE,
        processes=(ProcessIdentity(boot_id="b", pid=77, start_ticks=1),),
        version="1.0-1",
        restarts=3,
        endpoint="127.0.0.1:4545",
    )
    text = shown(HostObservation(host="c-0", role=Role.ACTIVE, instances=(instance,)))
    assert "c-0, active" in text
    assert "running (stale)" in text
    assert "77" in text
    assert "127.0.0.1:4545" in text
    assert "1 of 1 services run, 0 failed; keeper pid 5" in text


def test_a_locked_host_says_so_and_a_failure_is_counted() -> None:
    failed = Instance(service="vim", state=InstanceState.FAILED)
    text = shown(HostObservation(host="s-0", locked=True, instances=(failed,)))
    assert "s-0, locked" in text
    assert "0 of 1 services run, 1 failed" in text


def test_a_host_that_does_not_answer_is_named_loudly() -> None:
    text = shown(
        HostObservation(host="w-0", reachable=False, unseen=("refused",)),
        HostObservation(host="w-1", reachable=False),
    )
    assert "w-0: its agent does not answer (refused)" in text
    assert "w-1: its agent does not answer (no reason is known)" in text


def test_a_cloud_that_does_not_run_says_how_to_start_it() -> None:
    assert "insvc cloud start" in shown(keeper_pid=None)
