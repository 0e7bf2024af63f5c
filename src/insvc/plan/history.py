"""What former runs measured of a service: no guess says better how long the next one takes."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """How long the acts on one service took in former runs: medians, in seconds.

    Attributes:
        outage_s: how long it could not serve.
        took_s: from the intent to the verified end, without the dwell.
        runs: how many runs they are taken from, 1 or more.
    """

    outage_s: float
    took_s: float
    runs: int

    def __str__(self) -> str:
        noun = "run" if self.runs == 1 else "runs"
        return f"out about {self.outage_s:.2f} s, measured in {self.runs} {noun}"


History = Mapping[str, Measured]
"""By service name; what was done to hosts goes by its action: `swact`, `lock`, `unlock`."""
