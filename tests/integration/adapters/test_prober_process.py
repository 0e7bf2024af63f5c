import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from insvc.adapters import prober_process
from insvc.adapters.prober_process import ProcessProber
from insvc.errors import InputError, WorldError
from insvc.ports import Target
from tests.fakes.web_server import WebServer

pytestmark = pytest.mark.integration


@pytest.fixture
def prober() -> Iterator[ProcessProber]:
    one = ProcessProber()
    yield one
    one.close()


def pid_of(prober: ProcessProber) -> int:
    assert prober._child is not None
    return prober._child.pid


@pytest.mark.parametrize("endpoint", ["", "80", "host:", "host:eighty", ":80"])
def test_an_endpoint_that_is_none_is_refused(prober: ProcessProber, endpoint: str) -> None:
    with pytest.raises(InputError, match="found no address:port"):
        asyncio.run(prober.watch(Target(name="one", endpoint=endpoint)))


def test_its_process_ends_with_a_close(prober: ProcessProber) -> None:
    with WebServer() as server:
        asyncio.run(prober.watch(Target(name="one", endpoint=server.endpoint)))
        pid = pid_of(prober)
        prober.close()
    assert not Path(f"/proc/{pid}").exists()


def test_a_process_that_does_not_end_is_killed(prober: ProcessProber) -> None:
    with WebServer() as server:
        asyncio.run(prober.watch(Target(name="one", endpoint=server.endpoint)))
        pid = pid_of(prober)
        os.kill(pid, signal.SIGSTOP)
        prober.close()
    assert not Path(f"/proc/{pid}").exists()


def test_a_process_that_died_is_an_error_and_not_a_measurement(prober: ProcessProber) -> None:
    with WebServer() as server:
        asyncio.run(prober.watch(Target(name="one", endpoint=server.endpoint)))
        os.kill(pid_of(prober), signal.SIGKILL)
        with pytest.raises(WorldError, match="does not answer"):
            asyncio.run(prober.unwatch("one"))
        with pytest.raises(WorldError, match="does not answer"):
            asyncio.run(prober.unwatch("one"))


def test_a_process_that_is_silent_holds_nobody_up(
    prober: ProcessProber, monkeypatch: pytest.MonkeyPatch
) -> None:
    with WebServer() as server:
        asyncio.run(prober.watch(Target(name="one", endpoint=server.endpoint)))
        pid = pid_of(prober)
        os.kill(pid, signal.SIGSTOP)
        monkeypatch.setattr(prober_process, "ANSWER_WITHIN_S", 0.05)
        with pytest.raises(WorldError, match="does not answer"):
            asyncio.run(prober.unwatch("one"))
        prober.close()
    assert not Path(f"/proc/{pid}").exists()


def test_its_process_asks_every_ten_milliseconds_or_finer(prober: ProcessProber) -> None:
    with WebServer() as server:
        asyncio.run(prober.watch(Target(name="one", endpoint=server.endpoint, path="/")))
        server.wait_for_questions(20)
        assert asyncio.run(prober.unwatch("one")) == ()


def test_ctrl_c_of_the_terminal_does_not_reach_it(prober: ProcessProber) -> None:
    with WebServer() as server:
        asyncio.run(prober.watch(Target(name="one", endpoint=server.endpoint)))
        assert os.getpgid(pid_of(prober)) != os.getpgid(os.getpid())


def test_a_close_without_a_process_does_nothing() -> None:
    ProcessProber().close()
