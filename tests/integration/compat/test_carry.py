"""A restart as a run of its own."""

import asyncio
from pathlib import Path

import pytest

from insvc.bootstrap import connect
from insvc.compat.carry import Wish, restart
from insvc.compat.code import Code, Result
from insvc.compat.place import Place
from insvc.controller.second import open_run
from insvc.model.words import Manager

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
