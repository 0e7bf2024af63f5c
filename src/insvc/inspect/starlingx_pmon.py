"""What StarlingX's process monitor keeps alive: the files in /etc/pmon.d, read as text.

Source: the behaviour of pmond as its operators know it. A file that pmond itself would pass over
(a key is missing, a word is unknown) is told and never guessed at.
"""

from dataclasses import dataclass
from typing import Final

from insvc.catalog.entry import Entry, Impact, Service
from insvc.model.manager_row import ManagerRow
from insvc.model.pmon_conf import read_pmon_conf
from insvc.model.words import InstanceState, Manager, Personality, Redundancy

_LONGEST_S: Final = 3600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Monitored:
    """One process as its file describes it.

    Attributes:
        name: what pmond calls it.
        mode: `passive` and `active` look at a process, `status` asks a script.
        pidfile: where its pid is; absent in status mode.
        unit: the systemd unit by which it is started, without `.service`.
        waits_for: the flag file before which pmond leaves it alone; absent where there is none.
        startup_s: how long after its start pmond first looks.
        debounce_s: how long it must run to count as recovered.
        is_essential: its failure ends in a reboot of the host.
    """

    name: str
    mode: str
    pidfile: str | None
    unit: str
    waits_for: str | None = None
    startup_s: float = 1.0
    debounce_s: float = 0.0
    is_essential: bool = False


def read_monitored(text: str) -> Monitored:
    """What a file in /etc/pmon.d says.

    Raises:
        ValueError: pmond passes over such a file; the text tells why.
    """
    reading = read_pmon_conf(text)
    conf = reading.conf
    if conf is None:
        raise ValueError(f"{'; '.join(reading.faults)}: pmond passes over it")
    waits = conf.subfunction
    return Monitored(
        name=conf.process,
        mode=conf.mode,
        pidfile=conf.pidfile,
        unit=conf.service or conf.process,
        waits_for=f"/var/run/.{waits.replace('-', '_')}_config_complete" if waits else None,
        startup_s=min(float(conf.startup_s), _LONGEST_S),
        debounce_s=min(float(conf.debounce_s), _LONGEST_S),
        is_essential=conf.is_essential,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """What a look at the host found of one monitored process.

    Attributes:
        pid: in its pid file, where such a process lives.
        group: the control group that is wholly its own; absent where it has none.
        is_waiting: whether pmond still leaves it alone, since the host is not configured so far.
        restarts: how often it was seen to be started again.
    """

    pid: int | None = None
    group: str | None = None
    is_waiting: bool = False
    restarts: int = 0


def row_of(process: Monitored, held: Held) -> ManagerRow:
    """The row of one monitored process."""
    state = InstanceState.RUNNING if held.pid is not None else InstanceState.FAILED
    if held.pid is None and held.is_waiting:
        state = InstanceState.STOPPED
    is_meant = state is not InstanceState.STOPPED
    return ManagerRow(
        name=process.name,
        manager=Manager.PMON,
        state=state,
        desired=InstanceState.RUNNING if is_meant else InstanceState.STOPPED,
        pid=held.pid,
        cgroup=held.group,
        restarts=held.restarts,
    )


def entry_of(process: Monitored) -> Entry:
    """How a monitored process can be restarted, as discovered."""
    fields = ("managed_by", "services", "action")
    return Entry(
        name=process.name.lower(),
        title=process.name,
        function="a process that StarlingX's process monitor keeps alive",
        in_service_patchable=True,
        managed_by=Manager.PMON,
        runs_on=(Personality.HOST,),
        redundancy=Redundancy.PER_HOST,
        services=(Service(name=process.name, pidfile=process.pidfile),),
        impact=Impact(
            new_requests="refused",
            recovers="retry",
            note="essential: when it cannot be started, the host is rebooted"
            if process.is_essential
            else "",
        ),
        provenance=dict.fromkeys(fields, "discovered: /etc/pmon.d"),
    )
