"""The kernel's counters as text, and what they say between two looks."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from insvc.model.recorder import Numbers, Sample

_CPU = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
_SECTOR_BYTES = 512
_DISK = {
    "reads": (3, 1),
    "read_bytes": (5, _SECTOR_BYTES),
    "writes": (7, 1),
    "written_bytes": (9, _SECTOR_BYTES),
    "busy_ms": (12, 1),
}
_NETWORK = {
    "received_bytes": 0,
    "received_packets": 1,
    "received_errors": 2,
    "received_drops": 3,
    "sent_bytes": 8,
    "sent_packets": 9,
    "sent_errors": 10,
    "sent_drops": 11,
}
_MEMORY = {
    "MemTotal": "total_bytes",
    "MemFree": "free_bytes",
    "MemAvailable": "available_bytes",
    "Buffers": "buffers_bytes",
    "Cached": "cached_bytes",
    "SwapTotal": "swap_bytes",
    "SwapFree": "swap_free_bytes",
}
_WRAP = 1 << 32
_KIB = 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Counters:
    """What the kernel had counted by one moment.

    Attributes:
        at: seconds since the epoch; `since_boot_s`: seconds of a clock that nobody sets.
        boot: the kernel's own name of the boot.
        cpu: ticks; `disks`, `network`, `queues`: events and bytes; all of them only grow.
        memory, space: as of now, in bytes.
        unseen: what could not be read, and why.
    """

    at: float
    since_boot_s: float
    boot: str
    cpu: Numbers = field(default_factory=dict)
    disks: Numbers = field(default_factory=dict)
    network: Numbers = field(default_factory=dict)
    queues: Numbers = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)
    space: Numbers = field(default_factory=dict)
    unseen: tuple[str, ...] = ()


def read_cpu(text: str) -> Numbers:
    """Ticks by processor, of `/proc/stat`."""
    found: Numbers = {}
    for words in map(str.split, text.splitlines()):
        if words and words[0].startswith("cpu"):
            name = words[0].removeprefix("cpu") or "all"
            ticks = [float(one) for one in words[1:] if one.isdigit()]
            found[name] = dict(zip(_CPU, ticks, strict=False))
    return found


def read_memory(text: str) -> dict[str, float]:
    """Bytes by kind, of `/proc/meminfo`."""
    found = {}
    for name, _, value in (line.partition(":") for line in text.splitlines()):
        amount = value.split()[:1]
        if name in _MEMORY and amount and amount[0].isdigit():
            found[_MEMORY[name]] = float(amount[0]) * _KIB
    return found


def read_disks(text: str) -> Numbers:
    """What was read and written by device, of `/proc/diskstats`; devices never used left out."""
    found: Numbers = {}
    for words in map(str.split, text.splitlines()):
        if len(words) > max(index for index, _ in _DISK.values()):
            row = {name: _number(words[index]) * unit for name, (index, unit) in _DISK.items()}
            if any(row.values()):
                found[words[2]] = row
    return found


def read_interfaces(text: str) -> Numbers:
    """What was sent and received by interface, of `/proc/net/dev`."""
    found: Numbers = {}
    for name, colon, rest in (line.rpartition(":") for line in text.splitlines()):
        words = rest.split()
        if colon and len(words) > max(_NETWORK.values()):
            found[name.strip()] = {key: _number(words[at]) for key, at in _NETWORK.items()}
    return found


def sample(before: Counters | None, now: Counters) -> Sample:
    """What happened between two looks; of the first look of a boot only what is a state.

    Args:
        before: the last look; absent where there was none.
        now: this one.
    """
    known = Sample(at=now.at, boot=now.boot, memory=now.memory, space=now.space, unseen=now.unseen)
    if before is None or before.boot != now.boot or before.since_boot_s >= now.since_boot_s:
        return known
    return Sample(
        at=now.at,
        boot=now.boot,
        over_s=round(now.since_boot_s - before.since_boot_s, 3),
        cpu={name: shares(before.cpu[name], row) for name, row in _both(before.cpu, now.cpu)},
        memory=now.memory,
        disks=grown(before.disks, now.disks),
        space=now.space,
        network=grown(before.network, now.network),
        queues=grown(before.queues, now.queues),
        unseen=now.unseen,
    )


def grown(before: Numbers, now: Numbers) -> Numbers:
    """What was counted between two looks, of what was there at both and counted anything."""
    found = {
        name: {key: difference(before[name].get(key, 0.0), value) for key, value in row.items()}
        for name, row in _both(before, now)
    }
    return {name: row for name, row in found.items() if any(row.values())}


def difference(before: float, now: float) -> float:
    """How far a counter has come.

    One that is lower than before has either gone round at 2^32, and then it was in the upper half
    and is in the lower one; or it was begun anew, and then all that it shows is new.
    """
    if now >= before:
        return now - before
    has_wrapped = _WRAP // 2 <= before < _WRAP and now < _WRAP // 2
    return now + _WRAP - before if has_wrapped else now


def shares(before: Mapping[str, float], now: Mapping[str, float]) -> dict[str, float]:
    """Where a processor's time went, in percent. A kind that ran backwards counts as nothing."""
    spent = {name: max(0.0, ticks - before.get(name, 0.0)) for name, ticks in now.items()}
    whole = sum(spent.values())
    if not whole:
        return {}
    return {name: round(100 * ticks / whole, 2) for name, ticks in spent.items()}


def _both(before: Numbers, now: Numbers) -> list[tuple[str, dict[str, float]]]:
    return [(name, row) for name, row in now.items() if name in before]


def _number(word: str) -> float:
    return float(word) if word.isdigit() else 0.0
