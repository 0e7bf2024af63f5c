"""The machine's clock."""

import asyncio
import time


class SystemClock:
    """Wall-clock time, which people and agents compare, and asyncio's own sleep."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Return after that many seconds; at once for none or fewer."""
        await asyncio.sleep(max(0.0, seconds))
