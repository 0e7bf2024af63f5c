"""All the managers of one host behind one face: pmon and cron here, sm by its socket."""

import time
from collections.abc import Callable
from pathlib import Path

from insvc.adapters.definitions import HostFile, read_definitions
from insvc.adapters.launcher import Launcher
from insvc.adapters.sm_client import SmClient
from insvc.agent.fence import check_fence, lease_of, role_by
from insvc.agent.fence_role import end_active_role
from insvc.agent.loop import Loop
from insvc.agent.managing import SM, Status
from insvc.agent.pmon_command import PmonCommands
from insvc.agent.restarting import restart
from insvc.agent.rows import unknown_row
from insvc.agent.schedules import Schedules
from insvc.agent.supervisor import Supervisor
from insvc.agent.wishes import carry_out
from insvc.errors import InputError, UnknownName, WorldError
from insvc.model.manager_row import ManagerRow
from insvc.model.restart import Order, Restarted
from insvc.model.sm_table import SmTable
from insvc.model.words import Action, InstanceState, Manager, Role
from insvc.supervise.pmon_command import ITSELF, PmonCommand, refuse_in_service
from insvc.supervise.provisioning import Change

_LAST_RUN_S = 1.0
_COMMAND_S = 60.0


class Managers:
    """The managers of the host in `folder`.

    Args:
        folder: the host's folder.
        host: what the host is.
        loop: what serves the events of pmon and cron.

    Attributes:
        renew: lets the agent begin anew, with all it looks after running on; absent: it cannot.
        commands: what hears old clients of pmon, on hosts that have its settings.
    """

    def __init__(self, folder: Path, host: HostFile, loop: Loop) -> None:
        self.host = host
        self.loop = loop
        self.launcher = Launcher(folder, host)
        self.pmon = Supervisor(Manager.PMON, folder, loop, self.launcher)
        self.cron = Supervisor(Manager.CRON, folder, loop, self.launcher)
        Schedules(self.cron.engine, loop)
        self.sm = SmClient(folder)
        self.renew: Callable[[], object] | None = None
        self.commands: PmonCommands | None = None

    def begin(self) -> None:
        """Take over what runs and bring up what is wanted. In the loop's thread.

        On a host that takes turns the lease alone says which role that is.
        """
        lease = lease_of(self.launcher.folder, self.host)
        role = self.host.initial_role if lease is None else role_by(lease, self.host.host)
        for own in (self.pmon, self.cron):
            own.begin(role, is_decided=lease is not None)
        settings = self.pmon.pmon.settings if self.pmon.pmon is not None else None
        if settings is not None:
            port = settings.command_port
            self.commands = PmonCommands(self.host.address, port, self.loop, self._command)
            self.commands.begin()

    def close(self) -> None:
        """Give back sockets and watches; what runs is left running. In the loop's thread."""
        if self.commands is not None:
            self.commands.close()
        self.pmon.close()
        self.cron.close()

    def children(self) -> frozenset[int]:
        """Pids of the processes whose end pmon or cron waits for."""
        return self.pmon.engine.children() | self.cron.engine.children()

    @property
    def role(self) -> Role | None:
        """Active or standby, where the host takes turns."""
        return self.pmon.engine.duty.role

    @property
    def is_locked(self) -> bool:
        """Whether the host is out of service."""
        return self.pmon.engine.duty.locked

    @property
    def has_sm(self) -> bool:
        """Whether a service manager belongs to this host."""
        return SM in self.pmon.engine.units

    def status(self) -> Status:
        """What every manager says of its services; unknown where sm does not answer."""
        rows = (*self.pmon.rows(), *self.cron.rows())
        unseen = tuple(dict.fromkeys((*self.pmon.faults, *self.cron.faults)))
        if not self.has_sm:
            return Status(rows, unseen)
        try:
            told = self.sm.services()
            self._agree(told.role)
            return Status((*rows, *told.services), unseen)
        except WorldError as fault:
            found, _ = read_definitions(self.launcher.root, frozenset({Manager.SM}))
            unknown = [unknown_row(one, self.launcher.endpoint(one)) for one in found.values()]
            return Status((*rows, *unknown), (*unseen, f"sm: {fault}"))

    def sm_table(self) -> SmTable:
        """The groups and services of sm in its own words; empty where no sm belongs to the host.

        Raises:
            WorldError: sm does not answer.
        """
        return self.sm.table() if self.has_sm else SmTable()

    def sm_provision(self, change: Change, *, at_once: bool) -> str:
        """Take a row of sm's tables into use, or out of it; answers with what became of it.

        Raises:
            UnknownName: the row names something that is nowhere described.
            InputError: no sm belongs to this host, or the tables would contradict themselves.
            WorldError: sm does not answer, or the disk refused.
        """
        if not self.has_sm:
            reason = f"no service manager belongs to {self.host.host}"
            raise InputError(change.subject, reason, next_act="ask on a controller")
        return self.sm.provision(change, at_once=at_once)

    def running(self) -> frozenset[str]:
        """Names of the services that are up now, jobs left out."""
        return frozenset(
            row.name
            for row in self.status().rows
            if row.state is InstanceState.RUNNING and row.manager is not Manager.CRON
        )

    def row(self, service: str) -> ManagerRow:
        """What its manager says of one service.

        Raises:
            UnknownName: no manager of the host knows it.
        """
        for own in (self.pmon, self.cron):
            unit = own.engine.units.get(service)
            if unit is not None:
                return own.row(unit)
        rows = self.status().rows
        for row in rows:
            if row.name == service:
                return row
        known = ", ".join(sorted(row.name for row in rows)) or "none"
        raise UnknownName(
            service,
            f"no manager of {self.host.host} knows it",
            next_act=f"use one of: {known}",
        )

    def health_path(self, service: str) -> str | None:
        """The HTTP path by which a service is asked whether it serves, as it is defined now."""
        found, _ = read_definitions(self.launcher.root, frozenset(Manager))
        return found[service].health_path if service in found else None

    def restart(self, manager: Manager, order: Order) -> Restarted:
        """Let its manager restart a service.

        Raises:
            InputError: nothing but a restart or a hand-over is known, or no hand-over of it.
            UnknownName: the manager does not know it.
            WorldError: sm does not answer.
        """
        if order.action not in {Action.RESTART, Action.HANDOFF}:
            reason = f"its definition knows no {order.action}"
            raise InputError(order.service, reason, next_act="restart it instead")
        if manager is not Manager.SM:
            return restart(self.pmon, order)
        told = self.sm.restart(
            order.service,
            action=order.action,
            with_dependants=order.with_dependants,
            drain=order.drain,
            clears_sessions=order.clears_sessions,
            timeout_s=order.timeout_s,
        )
        return Restarted(**told)

    def wait_for_job(self, service: str, timeout_s: float) -> bool:
        """Wait for the end of a job's present run; false when it did not end in time."""
        units = self.cron.engine.units
        return self.cron.engine.wait_for(lambda: units[service].main is None, timeout_s)

    def carry_out(self, wish: str, service: str, timeout_s: float) -> Restarted:
        """Do what an operator asks of one service.

        That is stop and start (pmon), manage, unmanage, disable and enable (sm), run (cron).

        Raises:
            InputError: there is no such wish, or it cannot be carried out now.
            UnknownName: the manager that it is for does not know the service, or is not there.
            WorldError: sm does not answer.
        """
        if service == ITSELF:
            return self._begin_anew(wish)
        if wish in {"manage", "unmanage", "disable", "enable"}:
            if not self.has_sm:
                reason = f"no service manager belongs to {self.host.host}"
                raise UnknownName(service, reason, next_act="ask on a controller")
            return self.sm.carry_out(wish, service, timeout_s)
        return carry_out(self.cron if wish == "run" else self.pmon, wish, service, timeout_s)

    def _command(self, command: PmonCommand) -> Restarted:
        """What an old client asks for."""
        refuse_in_service(command, is_locked=self.is_locked)
        if command.verb == "restart" and command.process != ITSELF:
            return restart(self.pmon, Order(service=command.process))
        return self.carry_out(command.verb, command.process, _COMMAND_S)

    def _begin_anew(self, wish: str) -> Restarted:
        if wish != "restart" or self.renew is None:
            reason = "pmon itself is a part of the host's agent and cannot be stopped or started"
            raise InputError(ITSELF, reason, next_act="restart it")
        self.renew()
        return Restarted(done=True, said="begins anew; what it looks after runs on")

    def take_role(self, role: Role, timeout_s: float) -> tuple[str, ...]:
        """Go active or standby; answers with the services that did not follow in time.

        Raises:
            WorldError: sm does not answer; the role is unchanged.
        """
        until = time.monotonic() + timeout_s
        late = self._of_sm(lambda: self.sm.take_role(role, timeout_s))
        if late and self.host.pair is not None:
            return late  # sm serves on in the role it had, and so does everything else
        for own in (self.pmon, self.cron):
            late += own.take_role(role, until - time.monotonic())
        return late

    def follow(self, role: Role | None) -> None:
        """Serve in the role that sm has now."""
        for own in (self.pmon, self.cron):
            if own.engine.duty.role is not role:
                own.loop.call(lambda own=own: own.follow(role))  # type: ignore[misc]

    def fence(self, epoch: int, by: str) -> int:
        """End what runs here for the active role, because sm hangs; how many processes that were.

        Args:
            epoch: of the lease that has run out.
            by: the controller that asks.

        Raises:
            InputError: the host takes no turns.
            StaleEpoch: the lease has moved on.
            WorldError: this host serves by it, or something could not be ended.
        """
        lease = lease_of(self.launcher.folder, self.host)
        if lease is None:
            reason = "takes no turns, so nobody takes over from it"
            raise InputError(self.host.host, reason, next_act="ask a controller that has a peer")
        check_fence(lease, self.host.host, epoch, by)
        self.follow(Role.STANDBY)
        return end_active_role(self.launcher)

    def set_locked(self, *, locked: bool, timeout_s: float) -> tuple[str, ...]:
        """Take the host out of service or back; answers with the services that did not follow.

        Raises:
            WorldError: sm does not answer; nothing is changed.
        """
        until = time.monotonic() + timeout_s
        late = self._of_sm(lambda: self.sm.set_locked(locked=locked, timeout_s=timeout_s))
        for own in (self.pmon, self.cron):
            late += own.set_locked(locked=locked, timeout_s=until - time.monotonic())
        return late

    def end_all(self, timeout_s: float) -> tuple[str, ...]:
        """End every service of the host for good; answers with those that survived."""
        return (*self.pmon.end_all(timeout_s), *self.cron.end_all(_LAST_RUN_S))

    def read_again(self) -> tuple[str, ...]:
        """Learn of new and changed definitions; answers with what could not be read."""
        faults = (*self.pmon.read_again(), *self.cron.read_again())
        try:
            faults += self._of_sm(self.sm.read_again)
        except WorldError as fault:
            faults += (f"sm: {fault}",)
        return tuple(dict.fromkeys(faults))

    def _agree(self, role: Role | None) -> None:
        if self.host.pair is not None and role is not self.role:
            self.follow(role)

    def _of_sm(self, ask: Callable[[], tuple[str, ...]]) -> tuple[str, ...]:
        return ask() if self.has_sm else ()
