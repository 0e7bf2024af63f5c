import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from insvc.adapters.procfs import ProcfsTable
from insvc.cloud.processes import end, lives, members, reap, sweep
from insvc.model.observation import ProcessIdentity

pytestmark = pytest.mark.integration

SLEEP = "import time; print('up', flush=True); time.sleep(600)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}"


class Nursery:
    """Starts children and ends those that are left."""

    def __init__(self) -> None:
        self.children: list[subprocess.Popen[bytes]] = []

    def start(self, code: str = SLEEP, *arguments: str, **environment: str) -> ProcessIdentity:
        child = subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
        )
        self.children.append(child)
        assert child.stdout is not None
        assert child.stdout.readline() == b"up\n"
        found = ProcfsTable().identity(child.pid)
        assert found is not None
        return found

    def close(self) -> None:
        for child in self.children:
            child.kill()
            child.wait()
            assert child.stdout is not None
            child.stdout.close()


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    made = Nursery()
    yield made
    made.close()


def test_members_are_services_of_this_cloud_and_its_own_programs(
    nursery: Nursery, tmp_path: Path
) -> None:
    cloud = str(tmp_path)
    service = nursery.start(INSVC_CLOUD=cloud, INSVC_HOST="compute-0")
    keeper = nursery.start(SLEEP, "insvc.cloud.keeper", INSVC_CLOUD=cloud)
    nursery.start(INSVC_CLOUD=cloud)  # an operator's shell
    nursery.start(INSVC_CLOUD=f"{cloud}-2", INSVC_HOST="compute-0")  # another cloud
    assert set(members(tmp_path)) == {service, keeper}


def test_a_sweep_ends_members_even_those_that_do_not_listen(
    nursery: Nursery, tmp_path: Path
) -> None:
    ours = [
        nursery.start(code, INSVC_CLOUD=str(tmp_path), INSVC_HOST="h") for code in (SLEEP, DEAF)
    ]
    other = nursery.start(INSVC_CLOUD=str(tmp_path))
    assert sweep(tmp_path, patience_s=0.3) == 2
    assert not any(lives(one) for one in ours)
    assert lives(other)
    assert sweep(tmp_path) == 0


def test_a_process_that_is_gone_needs_no_end(nursery: Nursery) -> None:
    child = nursery.start()
    assert end(child, by=signal.SIGKILL, patience_s=30.0)
    assert end(child, by=signal.SIGKILL, patience_s=30.0)


def test_another_process_of_the_same_pid_is_left_alone(nursery: Nursery) -> None:
    child = nursery.start()
    former = ProcessIdentity(boot_id=child.boot_id, pid=child.pid, start_ticks=1)
    assert end(former, by=signal.SIGKILL, patience_s=0.0)
    assert lives(child)


def test_one_that_does_not_end_in_time_is_told_of(nursery: Nursery) -> None:
    assert not end(nursery.start(DEAF), by=signal.SIGTERM, patience_s=0.0)


def test_reaping_what_is_no_child_is_harmless() -> None:
    reap(1)
