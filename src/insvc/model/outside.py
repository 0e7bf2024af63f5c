"""Values that the ports exchange beside observations and acts."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Holder:
    """The process that holds the lease.

    Attributes:
        pid: its process id.
        epoch: the epoch it was given.
        since: seconds since the epoch of time.
    """

    pid: int
    epoch: int
    since: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """What an outage probe asks: `address:port`, over HTTP where `path` is given."""

    name: str
    endpoint: str
    path: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Outage:
    """An interval in which a target did not serve, seen from outside.

    Attributes:
        from_at: time of the last answer before it; `until_at`: of the first answer after it,
            absent while it lasts. Seconds since the epoch.
        resolution_s: the longest pause between two questions around it.
    """

    from_at: float
    until_at: float | None
    resolution_s: float
