"""A restart as a run of its own."""

import asyncio
import signal
import subprocess
import time
from pathlib import Path

import pytest

from insvc.bootstrap import connect
from insvc.compat.carry import Wish, restart
from insvc.compat.code import Code, Result
from insvc.compat.place import Place
from insvc.controller.second import open_run
from insvc.model.words import Manager
from tests.fakes.host_shell import CONTROLLER, Shell

pytestmark = [pytest.mark.integration, pytest.mark.slow]


def test_two_commands_at_once_follow_one_another(running_cloud: Path) -> None:
    place = Place(cloud=running_cloud, host="controller-0")

    async def both() -> list[Code]:
        wishes = (Wish(names=(name,)) for name in ("aodh-api", "aodh-notifier"))
        told = await asyncio.gather(*(restart(place, wish) for wish in wishes))
        return [one.code for results in told for one in results]

    before = len(connect(running_cloud).journal.names())
    assert asyncio.run(both()) == [Code.DONE, Code.DONE]
    assert len(connect(running_cloud).journal.names()) == before + 2


def test_every_restart_is_a_run_that_can_be_looked_at(running_cloud: Path) -> None:
    place = Place(cloud=running_cloud, host="compute-1")
    wish = Wish(names=("nova-compute",), manager=Manager.PMON)
    (result,) = asyncio.run(restart(place, wish))
    assert result.code is Code.DONE
    world = connect(running_cloud)
    newest = world.journal.names()[0]
    assert "nova-compute@compute-1" in {one.step for one in world.journal.records(newest)}


def test_cinder_is_refused_while_ceph_restarts_on_the_active_controller(
    running_cloud: Path,
) -> None:
    place = Place(cloud=running_cloud, host="controller-0")
    world = connect(running_cloud)

    async def while_ceph_restarts() -> tuple[list[Result], list[Result]]:
        restarting = asyncio.create_task(restart(place, Wish(names=("ceph-mon",))))
        while open_run(world) is None and not restarting.done():
            await world.clock.sleep(0.01)
        return await restart(place, Wish(names=("cinder",))), await restarting

    cinder, ceph = asyncio.run(while_ceph_restarts())
    assert {one.code for one in cinder} == {Code.REFUSED}
    assert "ceph-osd & ceph-mon is being restarted on controller-0" in cinder[0].said
    assert [one.code for one in ceph] == [Code.DONE]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_interrupts_is_told_what_was_restarted_and_what_was_not(
    running_cloud: Path, tmp_path: Path, number: signal.Signals
) -> None:
    shell = Shell(tmp_path / "bin", running_cloud, CONTROLLER)
    world, names = connect(running_cloud), ("cinder-api", "cinder-scheduler", "cinder-volume")
    before = len(world.journal.names())
    command = shell.folder / "patch-restart-processes"
    working = subprocess.Popen(
        [command, "-c", *names], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    while len(world.journal.names()) == before or not any(
        one.step for one in world.journal.records(world.journal.names()[0])
    ):
        assert working.poll() is None
        time.sleep(0.01)
    working.send_signal(number)
    out, err = working.communicate(timeout=60)
    told = (working.returncode, out.count("restarted, was"), err.count("interrupted before its"))
    assert told == (130, 1, 2)
    done = next(one for one in names if out.startswith(one))
    assert f"{done} restarted" in shell.place.log.read_text()
    again = shell.run(f"patch-restart-processes {' '.join(names)}")
    assert (again.returncode, again.stdout.count("restarted, was away")) == (0, 2)
    assert f"{done} was restarted under this patch already" in again.stdout
