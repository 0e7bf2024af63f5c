"""What a recorder kept, as tables for people."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from insvc.model.recorder import Event, Numbers, Sample
from insvc.report.table import lay_out

_SAMPLES = ("time", "over", "cpu", "wait", "memory", "disk read", "written", "in", "out", "lost")
_MIB = 1 << 20


def sample_lines(samples: Iterable[Sample]) -> list[str]:
    """One line a sample: processors, memory, disks and interfaces as a whole.

    Rates are per second of the time that the sample covers. The numbers of each processor, device,
    interface and queue are in the JSON.
    """
    rows = []
    before: Sample | None = None
    for one in samples:
        if before is not None and before.boot != one.boot:
            rows.append(("booted", *[""] * (len(_SAMPLES) - 1)))
        rows.append(_row(one))
        before = one
    return lay_out(_SAMPLES, rows, right=frozenset(range(1, len(_SAMPLES)))) if rows else _nothing()


def event_lines(events: Iterable[Event]) -> list[str]:
    """One line an event, oldest first."""
    rows = [(_clock(one.at), one.subject, one.before or "not known", one.after) for one in events]
    return lay_out(("time", "what", "was", "is"), rows) if rows else _nothing()


def _row(one: Sample) -> tuple[str, ...]:
    known = one.cpu.get("all", {})
    idle = known.get("idle", 0.0) + known.get("iowait", 0.0)
    return (
        _clock(one.at),
        "-" if one.over_s is None else f"{one.over_s:.0f} s",
        f"{100 - idle:.0f} %" if known else "-",
        f"{known['iowait']:.0f} %" if "iowait" in known else "-",
        _memory(one.memory),
        _rate(one, one.disks, "read_bytes"),
        _rate(one, one.disks, "written_bytes"),
        _rate(one, one.network, "received_bytes"),
        _rate(one, one.network, "sent_bytes"),
        _lost(one),
    )


def _memory(memory: Mapping[str, float]) -> str:
    total, left = memory.get("total_bytes", 0.0), memory.get("available_bytes")
    return "-" if left is None or not total else f"{100 * (1 - left / total):.0f} %"


def _rate(one: Sample, numbers: Numbers, name: str) -> str:
    if not one.over_s:
        return "-"
    per_s = sum(row.get(name, 0.0) for row in numbers.values()) / one.over_s
    return f"{per_s / _MIB:.2f} MiB/s"


def _lost(one: Sample) -> str:
    """Packets that interfaces and queues dropped or found faulty."""
    names = ("received_errors", "received_drops", "sent_errors", "sent_drops", "drops")
    rows = (*one.network.values(), *one.queues.values())
    return "-" if one.over_s is None else f"{sum(row.get(n, 0) for row in rows for n in names):.0f}"


def _clock(at: float) -> str:
    """A moment; as it stands where a clock that was set wrong has left none that has a date."""
    try:
        return _date(at)
    except (ValueError, OverflowError, OSError):
        return f"{at:g} s since 1970"


def _date(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] + "Z"


def _nothing() -> list[str]:
    return ["nothing was recorded"]
