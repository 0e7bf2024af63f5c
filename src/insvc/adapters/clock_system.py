"""The machine's clock."""

import asyncio
import time


class SystemClock:
    """The machine's time when it was made, and from then on an even count, and asyncio's sleep.

    Whoever sets the machine's clock meanwhile shortens or prolongs no wait and no measured time.
    """

    def __init__(self) -> None:
        self._offset_s = time.time() - time.monotonic()

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._offset_s + time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Return after that many seconds; at once for none or fewer."""
        await asyncio.sleep(max(0.0, seconds))
