"""What may block is done in a thread beside the loop; the answer comes back as an event."""

import queue
import threading
from collections.abc import Callable
from typing import Any

from insvc.agent.loop import Loop
from insvc.errors import InsvcError

Job = Callable[[], Any]
Hear = Callable[[Any], object]


class Errands:
    """Does one job after another in a thread of its own.

    Args:
        loop: in whose thread the answers are heard.
    """

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._jobs: queue.SimpleQueue[tuple[Job, Hear] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def run(self, job: Job, hear: Hear) -> None:
        """Do the job soon; let the loop hear what it returned, or the InsvcError it raised."""
        self._jobs.put((job, hear))

    def end(self) -> None:
        """Take no more jobs; one that blocks is left behind."""
        self._jobs.put(None)

    def _work(self) -> None:
        while (errand := self._jobs.get()) is not None:
            job, hear = errand
            try:
                answer = job()
            except InsvcError as fault:
                answer = fault
            self._loop.post(lambda hear=hear, answer=answer: hear(answer))  # type: ignore[misc]
