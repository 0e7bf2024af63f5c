"""The end of a controller's services by force: by its own agent, when its service manager hangs.

The peer asks for it before it takes over a lease that has run out.
"""

import select
import signal
import time
from collections.abc import Callable, Set
from contextlib import suppress
from enum import StrEnum
from pathlib import Path

from insvc.adapters.ask import ask
from insvc.adapters.definitions import HostFile, read_definitions
from insvc.adapters.launcher import SERVICE_VARIABLE
from insvc.adapters.pair_lease import FOLDER, FolderLease, boottime
from insvc.adapters.pidfd import Held
from insvc.adapters.script_control import ACT_VARIABLE
from insvc.adapters.unix_socket import connect
from insvc.agent.errands import Errands
from insvc.agent.loop import Loop
from insvc.agent.strays import environment, of_host
from insvc.errors import AgentUnreachable, InsvcError, StaleEpoch, WorldError
from insvc.model.observation import ProcessIdentity
from insvc.model.words import Manager, Role
from insvc.ports import RoleLease
from insvc.supervise.pair import Tenure

ANSWER_S = 10.0
_NOBODY_S = 1.0
"""How long nobody listens on an agent's socket before its host counts as gone: agents that die are
started again in less."""
_CONNECT_S = 0.5
_RETRY_S = 0.05
_END_S = 5.0
_QUIET_S = 0.1
_STEP_S = 0.2


class Fenced(StrEnum):
    """What became of asking the other host to stop."""

    STOPPED = "stopped"
    GONE = "gone"
    REFUSED = "refused"
    SILENT = "silent"


class Fencing:
    """Asks the other host beside the loop, one time after the other.

    Args:
        loop: in whose thread the answer is heard.
        ask: asks for the end of what serves under that epoch; may block.
        hear: told what became of it.

    Attributes:
        fenced: number of the lease's record under which the other host stopped everything, or is
            not there; 0 for none. One that renews the lease afterwards may serve again.
        stopped: number of the one under which it has said that it did.
        trouble: why it is not known to have stopped, once nobody has answered or it was refused
            twice: after the first time the lease may turn out to be renewed. Of one epoch.
    """

    def __init__(
        self,
        loop: Loop,
        ask: Callable[[int], tuple[Fenced, str]],
        hear: Callable[[Fenced], object],
    ) -> None:
        self.fenced = self.stopped = 0
        self.trouble = ""
        self._asked = self._refused = 0
        self._ask = ask
        self._hear = hear
        self._is_asking = False
        self._errands = Errands(loop)

    def begin(self, tenure: Tenure | None) -> None:
        """Ask for the end of what serves by that lease, unless that is under way.

        What is answered tells of its newest record alone.
        """
        if tenure is not None and not self._is_asking:
            epoch, number = tenure.epoch, tenure.number
            self._is_asking = True
            if epoch != self._asked:
                self._asked, self.trouble = epoch, ""
            self._errands.run(
                lambda: self._ask(epoch), lambda told: self._heard(epoch, number, *told)
            )

    def end(self) -> None:
        """Ask no more."""
        self._errands.end()

    def _heard(self, epoch: int, number: int, what: Fenced, why: str) -> None:
        self._is_asking = False
        if what is Fenced.STOPPED:
            self.stopped = number
        if what in {Fenced.STOPPED, Fenced.GONE}:
            self.fenced = number
            self.trouble = ""
        elif what is Fenced.SILENT or self._refused == epoch:
            self.trouble = f"who held it may still serve, and cannot be stopped: {why}"
        if what is Fenced.REFUSED:
            self._refused = epoch
        self._hear(what)


def fence_peer(socket: Path, root: Path, epoch: int, by: str) -> tuple[Fenced, str]:
    """Let the agent of the other host end what its service manager runs for the active role.

    Args:
        socket: the agent's.
        root: of that host's files.
        epoch: of the lease that has run out.
        by: the host that asks.

    Returns:
        What became of it, and why in words. A host whose agent nobody can reach counts as gone
        only where nobody listens at all and nothing of the active role runs there any more: an
        agent may be unable to start (a full disk) while what it kept serves on.
    """
    if not _is_anybody_there(socket):
        left = sorted(_left_of(root))
        if left:
            return Fenced.SILENT, f"no agent listens there, and {', '.join(left)} still run"
        return Fenced.GONE, "no agent listens there"
    try:
        told = ask(socket, {"ask": "fence", "epoch": epoch, "by": by}, ANSWER_S)
    except InsvcError as fault:
        is_silent = isinstance(fault, AgentUnreachable) or isinstance(fault.__cause__, OSError)
        return (Fenced.SILENT if is_silent else Fenced.REFUSED), str(fault)
    return Fenced.STOPPED, f"{told} processes were ended"


def lease_of(folder: Path, host: HostFile) -> FolderLease | None:
    """The lease by which that host takes turns; nothing where it takes none."""
    if host.pair is None:
        return None
    return FolderLease(folder.absolute().parent.parent / FOLDER, host.host, host.pair.ttl_s)


def role_by(lease: RoleLease, host: str) -> Role:
    """Active only where the lease says so; its service manager tells as soon as it knows more."""
    with suppress(InsvcError):
        tenure = lease.look()
        if tenure is not None and tenure.holder == host and tenure.is_held(boottime()):
            return Role.ACTIVE
    return Role.STANDBY


def check_fence(lease: RoleLease, host: str, epoch: int, by: str) -> None:
    """Refuse to end what serves by a lease that is renewed, or that has moved on.

    Args:
        lease: of the controllers.
        host: this one.
        epoch: the one under which it is to end.
        by: the host that asks.

    Raises:
        StaleEpoch: the lease has moved on since.
        WorldError: this host renews it, so it serves.
    """
    tenure = lease.look()
    if tenure is None or tenure.epoch != epoch:
        found = "none" if tenure is None else tenure.epoch
        raise StaleEpoch(
            host, f"epoch {epoch} of the lease is over, found {found}", next_act="look again"
        )
    since = boottime() - tenure.renewed_at
    if tenure.holder == host and not tenure.is_released and since < tenure.early_s:
        raise WorldError(
            host, f"holds the lease, renewed {since:.1f} s ago", next_act=f"{by} stays standby"
        )


def end_active_services(root: Path, *, spares_stops: bool = False) -> int:
    """Kill every process of services and jobs that only the active controller runs; how many.

    Args:
        root: of the host's files.
        spares_stops: leave scripts alone that stop something: for who may have woken from a hang
            while its agent runs them in its stead.

    Raises:
        WorldError: one of them is still there after some seconds.
    """
    names = _of_active_role(root)
    ended: set[ProcessIdentity] = set()
    until = time.monotonic() + _END_S
    quiet_at = time.monotonic() + _QUIET_S
    while time.monotonic() < until:
        found = [one for one in of_host(root) if _is_to_end(one, names, spares_stops)]
        if not found and time.monotonic() >= quiet_at:
            return len(ended)
        if found:
            quiet_at = time.monotonic() + _QUIET_S
        ended.update(found)
        _kill(found)
        time.sleep(0 if found else _QUIET_S / 5)
    raise WorldError(
        str(root), "services of the active role outlive SIGKILL", next_act="look at them with ps"
    )


def _of_active_role(root: Path) -> set[str]:
    """The services and jobs of that host that only the active controller runs."""
    definitions, _ = read_definitions(root, frozenset({Manager.SM, Manager.CRON}))
    return {name for name, one in definitions.items() if one.runs_when == "active"}


def _left_of(root: Path) -> set[str]:
    """Those that still have a process, whoever looks after it."""
    running = {environment(one.pid).get(SERVICE_VARIABLE, "") for one in of_host(root)}
    return running & _of_active_role(root)


def _is_to_end(one: ProcessIdentity, names: Set[str], spares_stops: bool) -> bool:
    told = environment(one.pid)
    is_spared = spares_stops and told.get(ACT_VARIABLE) == "stop"
    return told.get(SERVICE_VARIABLE, "") in names and not is_spared


def _kill(found: list[ProcessIdentity]) -> None:
    held = [one for one in map(Held.by_identity, found) if one is not None]
    for one in held:
        one.signal(signal.SIGKILL)
    for one in held:
        select.select([one.fd], [], [], _STEP_S)
        one.close()


def _is_anybody_there(socket: Path) -> bool:
    until = time.monotonic() + _NOBODY_S
    while True:
        try:
            connect(socket, _CONNECT_S).close()
        except WorldError as fault:
            if not isinstance(fault.__cause__, ConnectionRefusedError | FileNotFoundError):
                return True
            if time.monotonic() >= until:
                return False
            time.sleep(_RETRY_S)
        else:
            return True
