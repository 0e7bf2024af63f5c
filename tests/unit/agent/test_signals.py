"""Signals as events of the loop."""

import os
import signal

from insvc.agent.loop import Loop
from insvc.agent.signals import Signals


def test_a_signal_is_acted_on_by_the_loop_and_not_in_its_own_code() -> None:
    loop = Loop()
    heard: list[str] = []
    before = signal.getsignal(signal.SIGUSR1)
    signals = Signals(loop, {signal.SIGUSR1: lambda: heard.append("usr1")})
    for _ in range(3):
        os.kill(os.getpid(), signal.SIGUSR1)
    assert heard == []
    loop.run_once()
    assert heard == ["usr1"]
    signals.close()
    assert signal.getsignal(signal.SIGUSR1) is before
    loop.close()


def test_a_signal_that_means_nothing_here_is_passed_over() -> None:
    loop = Loop()
    signals = Signals(loop, {})
    former = signal.signal(signal.SIGUSR2, lambda *_: None)
    os.kill(os.getpid(), signal.SIGUSR2)
    loop.run_once()
    loop.close()
    signals.close()
    signal.signal(signal.SIGUSR2, former)
    assert signal.set_wakeup_fd(-1) == -1
