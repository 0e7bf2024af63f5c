import asyncio
import os
import signal

import pytest

from insvc.controller.signals import orderly_stop
from tests.fakes.threads import begin, end


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_only_asks_and_what_was_set_before_comes_back(number: signal.Signals) -> None:
    asked: list[int] = []

    async def story() -> None:
        before = signal.getsignal(number)
        with orderly_stop(lambda: asked.append(1)):
            for _ in range(2):
                os.kill(os.getpid(), number)
                await asyncio.sleep(0.01)
        assert signal.getsignal(number) is before

    asyncio.run(story())
    assert asked


def test_another_thread_leaves_signals_alone() -> None:
    before = signal.getsignal(signal.SIGTERM)
    found: list[object] = []

    async def story() -> None:
        with orderly_stop(lambda: None):
            found.append(signal.getsignal(signal.SIGTERM))

    end(begin(lambda: asyncio.run(story())))
    assert found == [before]
