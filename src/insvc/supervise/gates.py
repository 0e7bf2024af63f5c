"""When pmon may begin with a process, and when it may start one again: by flags of the host.

Source: the flag files by which StarlingX tells how far a host is configured and enabled.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

from insvc.supervise.definition import ServiceDefinition

CONFIGURED: Final = "etc/platform/.initial_config_complete"
ENABLED: Final = "var/run/.goenabled"
FULLY_ENABLED: Final = "var/run/goenabled"
FULLY_ENABLED_WORKER: Final = "var/run/goenabled_subf"
_WORKER: Final = ("var/run/.worker_config_complete", "var/run/.compute_config_complete")
_PARTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "worker": _WORKER,
        "storage": ("var/run/.storage_config_complete",),
        "last-config": (
            "var/run/.last_config_complete",
            "var/run/.last-config_config_complete",
        ),
    }
)
FLAGS: Final = frozenset(
    {
        CONFIGURED,
        ENABLED,
        FULLY_ENABLED,
        FULLY_ENABLED_WORKER,
        *(flag for part in _PARTS.values() for flag in part),
    }
)
"""Every flag that a gate may wait for, below the host's root."""


def waits_for(
    definition: ServiceDefinition,
    flags: Collection[str],
    *,
    is_maintained: bool,
    has_worker_part: bool,
) -> str | None:
    """The flag for want of which a process is neither started nor judged; absent: it may begin.

    Where several names of one flag are known, the first is told.

    Args:
        definition: the process.
        flags: those of `FLAGS` that exist.
        is_maintained: the host has pmon's own settings, and with them flags of its own state.
        has_worker_part: the host is a worker beside something else; its worker part is configured
            last.
    """
    if is_maintained:
        for flag in (CONFIGURED, ENABLED):
            if flag not in flags:
                return flag
    if definition.subfunction is None:
        return None
    names = _PARTS[definition.subfunction]
    if definition.subfunction == "last-config" and has_worker_part:
        names = (*names, *_WORKER)
    return None if any(one in flags for one in names) else names[0]


def owes_answers(
    definition: ServiceDefinition, flags: Collection[str], *, has_worker_part: bool
) -> bool:
    """Whether the process must answer by now.

    One that announces its full init (`full_init_reqd`) is asked only after its host is enabled in
    all its parts, as the original has it.
    """
    if not definition.announces_init:
        return True
    return (FULLY_ENABLED_WORKER if has_worker_part else FULLY_ENABLED) in flags


def delay_s(enabled_for_s: float | None, start_delay_s: float) -> float:
    """How long pmon still waits before it begins, after its host was enabled.

    Args:
        enabled_for_s: since when the flag stands; below 0 where the clock was set back, which tells
            nothing. Absent: it does not stand.
        start_delay_s: how long it is to wait in all.
    """
    if enabled_for_s is None or enabled_for_s < 0:
        return start_delay_s
    return max(0.0, start_delay_s - enabled_for_s)
