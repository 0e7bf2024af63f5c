import pytest

from insvc.controller.runs import is_live, read_run
from insvc.errors import UnknownName
from insvc.execute.records import created
from insvc.execute.run import Record, RecordKind
from insvc.plan.plan import Plan
from tests.fakes.cloud import host, scene


def test_a_run_is_live_as_long_as_its_lease_is_held() -> None:
    made = scene([host("h1")])
    world = made.world()
    epoch = world.lease.acquire()
    body = {"pid": 1, "epoch": epoch}
    made.journal.append("r", epoch, created(Plan(), at=1.0, patch={}, stale_before=0))
    assert not is_live(world, read_run(world, "r"))
    made.journal.append("r", epoch, Record(kind=RecordKind.CONTROLLER_STARTED, at=1.0, body=body))
    assert is_live(world, read_run(world, "r"))
    world.lease.release()
    assert not is_live(world, read_run(world, "r"))
    with pytest.raises(UnknownName):
        read_run(world, "other")
