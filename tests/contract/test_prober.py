"""The prober's suite: on the fake with outages it is told, on the real one with a real server."""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Protocol

import pytest

from insvc.adapters.prober_process import ProcessProber
from insvc.errors import UnknownName
from insvc.ports import Outage, Prober, Target
from tests.fakes.prober import FakeProber
from tests.fakes.web_server import WebServer


class Stage(Protocol):
    """A prober and a server that can be made to fail."""

    @property
    def prober(self) -> Prober: ...

    @property
    def endpoint(self) -> str: ...

    def fail(self) -> None: ...


class FakeStage:
    def __init__(self) -> None:
        self.prober = FakeProber()
        self.endpoint = "127.0.0.1:80"

    def fail(self) -> None:
        seen = Outage(from_at=10.0, until_at=10.5, resolution_s=0.008)
        self.prober.sees[self.endpoint] = (seen,)


class RealStage:
    def __init__(self, server: WebServer) -> None:
        self.prober = ProcessProber()
        self.server = server
        self.endpoint = server.endpoint

    def fail(self) -> None:
        self.server.stop()
        time.sleep(0.1)
        self.server.start()
        self.server.wait_for_questions(5)


@pytest.fixture(params=["fake", "process"])
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    if request.param == "fake":
        yield FakeStage()
        return
    with WebServer() as server:
        real = RealStage(server)
        yield real
        real.prober.close()


def watching(stage: Stage, path: str | None, act: Callable[[], None]) -> tuple[Outage, ...]:
    async def story() -> tuple[Outage, ...]:
        await stage.prober.watch(Target(name="one", endpoint=stage.endpoint, path=path))
        await asyncio.to_thread(act)
        return await stage.prober.unwatch("one")

    return asyncio.run(story())


@pytest.mark.parametrize("path", [None, "/healthz"])
def test_a_target_that_always_serves_has_no_outage(stage: Stage, path: str | None) -> None:
    assert watching(stage, path, lambda: None) == ()


@pytest.mark.parametrize("path", [None, "/healthz"])
def test_an_outage_has_a_beginning_an_end_and_a_resolution(stage: Stage, path: str | None) -> None:
    (seen,) = watching(stage, path, stage.fail)
    assert seen.until_at is not None
    assert seen.until_at > seen.from_at
    assert seen.resolution_s > 0


def test_what_is_not_watched_cannot_be_unwatched(stage: Stage) -> None:
    with pytest.raises(UnknownName):
        asyncio.run(stage.prober.unwatch("nobody"))


def test_a_closed_prober_forgets_its_targets_and_can_watch_again(stage: Stage) -> None:
    async def story() -> tuple[Outage, ...]:
        await stage.prober.watch(Target(name="one", endpoint=stage.endpoint))
        stage.prober.close()
        with pytest.raises(UnknownName):
            await stage.prober.unwatch("one")
        await stage.prober.watch(Target(name="one", endpoint=stage.endpoint))
        return await stage.prober.unwatch("one")

    assert asyncio.run(story()) == ()
    stage.prober.close()
