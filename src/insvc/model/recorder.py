"""What the recorder of a host keeps for those who come after a failure: samples and events."""

from dataclasses import dataclass, field
from typing import ClassVar

Numbers = dict[str, dict[str, float]]
"""Numbers by what they are of (`all`, `sda`, `lo`) and by name; names end in their unit."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """How busy a host was.

    Source: the kernel's counters; rates are left to the reader, since a sample knows its time.

    Attributes:
        at: seconds since the epoch.
        boot: the kernel's own name of the boot; counters of two boots are never compared.
        over_s: what time the differences are over, by a clock that nobody sets; absent in the
            first sample of a boot or of the recorder's life, which has none.
        cpu: share of the time in percent, of each processor and of `all`.
        memory: bytes.
        disks: what was read and written meanwhile; `space`: how full file systems are.
        network: what each interface sent and received meanwhile.
        queues: what each queueing discipline of each interface did meanwhile.
        unseen: what could not be read, and why.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    at: float
    boot: str
    over_s: float | None = None
    cpu: Numbers = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)
    disks: Numbers = field(default_factory=dict)
    space: Numbers = field(default_factory=dict)
    network: Numbers = field(default_factory=dict)
    queues: Numbers = field(default_factory=dict)
    unseen: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """That something is not as it was.

    Attributes:
        at: seconds since the epoch.
        subject: what changed (`service haproxy`, `interface eth0`, `address 10.0.0.1/24 on eth0`).
        before: how it was; absent where nobody knew.
        after: how it is now.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    at: float
    subject: str
    before: str | None = None
    after: str
