"""Turn Ctrl-C and SIGTERM into a wish for an orderly stop."""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def orderly_stop(ask: Callable[[], None]) -> Iterator[None]:
    """While inside, these signals call `ask` and nothing else, however often they come.

    Outside the main thread signals stay as they are: Python delivers them elsewhere.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    previous = {number: signal.getsignal(number) for number in _SIGNALS}
    for number in _SIGNALS:
        loop.add_signal_handler(number, ask)
    try:
        yield
    finally:
        for number, was in previous.items():
            loop.remove_signal_handler(number)
            signal.signal(number, was)
