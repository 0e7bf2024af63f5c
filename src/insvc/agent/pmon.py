"""What pmon alone has: process files, and flags before which it leaves its processes alone."""

import os
import sys
import time
from collections.abc import Callable, Collection, Mapping

from insvc.adapters.inotify import FolderWatch
from insvc.adapters.launcher import Launcher
from insvc.adapters.pmon_d import SETTINGS, read_folder, read_settings
from insvc.agent.active_check import ActiveChecks
from insvc.agent.end_host import end_host
from insvc.agent.loop import Loop
from insvc.agent.status_check import StatusScripts
from insvc.errors import InputError, WorldError
from insvc.model.alarm import Alarm
from insvc.model.manager_row import ManagerRow
from insvc.model.observation import ProcessIdentity
from insvc.model.words import Personality
from insvc.supervise import gates, pmon, pmon_d, quorum, status_check
from insvc.supervise.definition import ServiceDefinition
from insvc.supervise.pmon_conf import is_of_file
from insvc.supervise.pmond_conf import PmondConf
from insvc.supervise.unit import Do, Duty, Event, Unit

LOOK_S = 5.0
"""How often flags are looked at without being told, while something waits for one."""
ENDING = "run/nologin"
"""Stands from the moment in which systemd ends a host, and until it has begun to serve."""
_FOLDERS = ("etc/platform", "var/run", "run")
Wishes = tuple[tuple[str, Event], ...]


class PmonPart:
    """Process files and gates of one host. It belongs to the loop's thread.

    Args:
        launcher: of the host.
        loop: what serves its events.
        settle: lets everything happen that can happen now.
        feed: lets an event happen to a service.
        main_of: the main process of a service now.
        clock: seconds that never jump.
        now: seconds since the epoch, for the age of a flag.
    """

    def __init__(
        self,
        launcher: Launcher,
        loop: Loop,
        settle: Callable[[], object],
        feed: Callable[[str, Event], object],
        main_of: Callable[[str], ProcessIdentity | None],
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._root = launcher.root
        self._host = launcher.host
        self._folder = launcher.folder
        self._loop = loop
        self._settle = settle
        self._clock = clock
        self._now = now
        self._watch: FolderWatch | None = None
        loop.add_closing(self._stop_watching)
        self._flags: frozenset[str] = frozenset()
        self._begins_at = 0.0
        self._look_at: float | None = None
        self._told: tuple[str, ...] = ()
        self.settings: PmondConf | None = None
        self.learnt = pmon_d.Learnt(definitions={})
        self.active = ActiveChecks(self._host.address, loop, feed, main_of, clock)
        self.status = StatusScripts(launcher, loop, feed)

    def begin(self) -> None:
        """Keep its calendars from now on."""
        self._loop.add_timed(self)
        self._loop.add_timed(self.active)

    def close(self) -> None:
        """Give back its sockets and watches."""
        self.active.close()
        self._stop_watching()

    @property
    def faults(self) -> tuple[str, ...]:
        """What cannot be looked after, and why."""
        wrong = self.settings.faults if self.settings is not None else ()
        said = (one for one in pmon_d.lines_of(self.learnt) if one not in self.learnt.notes)
        return (*(f"{SETTINGS}: {one}" for one in wrong), *said)

    def read(self, taken: Collection[str]) -> Mapping[str, ServiceDefinition]:
        """The processes of the files, but for those that are taken; what is odd is told once."""
        self.settings = read_settings(self._root)
        self.learnt = read_folder(self._root, taken)
        self.active.port = (self.settings or PmondConf()).answer_port
        told = (*self.faults, *self.learnt.notes)
        for line in told:
            if line not in self._told:
                sys.stderr.write(f"{line}\n")
        self._told = told
        self._look()
        return self.learnt.definitions

    def keeps(self, name: str) -> bool:
        """Whether a file, though faulty, is about that process, so that a former one counts."""
        return any(one.name == name for one in self.learnt.misconfigured)

    def refuse_misconfigured(self, name: str) -> None:
        """Refuse to act on a process of a faulty file.

        Raises:
            InputError: it is misconfigured.
        """
        for one in self.learnt.misconfigured:
            if name in {one.name, one.file}:
                raise InputError(
                    name, f"is misconfigured: {one.said}", next_act=f"correct etc/pmon.d/{one.file}"
                )

    def refuse_status_mode(self, definition: ServiceDefinition) -> None:
        """Refuse to stop, start or restart by name what only its script looks after.

        Raises:
            InputError: it is in status mode.
        """
        if definition.status_check is not None:
            raise InputError(
                definition.name,
                "is in status mode: only its script judges and starts it, never pmon by name",
                next_act="run its script",
            )

    def rows(self, known: Collection[str]) -> tuple[ManagerRow, ...]:
        """A row for each process that is misconfigured and looked after by nothing."""
        return pmon_d.rows_of(self.learnt, known)

    def alarms(self, units: Mapping[str, Unit]) -> tuple[Alarm, ...]:
        """What is misconfigured, and what scripts have told of the services that they judge."""
        host = self._host.host
        of_status = (
            status_check.alarm_of(host, unit, self.status.texts.get(name, ""))
            for name, unit in units.items()
            if unit.definition.status_check is not None
        )
        of_files = pmon_d.alarms_of(host, self.learnt, units)
        reboots = bool(self._host.reboot_command)
        of_host = quorum.alarms_of(host, units.values(), reboots=reboots)
        return (*of_host, *of_files, *(one for one in of_status if one is not None))

    def judge(self, duty: Duty, units: Mapping[str, Unit]) -> None:
        """Reboot the host, once, where it is unfit and its owner has said how."""
        unfit = quorum.unfit_for(duty, units.values())
        if unfit:
            reason = f"unfit without {', '.join(unfit)}"
            end_host(self._folder, self._host.reboot_command, reason)

    def takes_over(self, unit: Unit, action: Do) -> bool:
        """Look at, start or ask what is looked at, started or asked in a way of pmon's own."""
        definition = unit.definition
        if definition.status_check is not None and action is not Do.AUDIT:
            if action is Do.LOOK:
                self.status.look(definition)
            elif action is Do.LAUNCH:
                self.status.start(definition)
            return True
        if definition.active_check is not None and action is Do.AUDIT:
            if self._owes_answers(definition):
                self.active.ask(unit)
            return True
        return False

    def why_waiting(self, definition: ServiceDefinition) -> str | None:
        """What a process waits for before it is started and judged; nothing where it may begin."""
        of_file = is_of_file(definition)
        flag = gates.waits_for(
            definition,
            self._flags,
            is_maintained=of_file and self.settings is not None,
            has_worker_part=self._has_worker_part,
        )
        if flag is None and of_file and self._clock() < self._begins_at:
            return "the start delay after its host was enabled"
        return flag

    def advance(self, unit: Unit, event: Event, now: float) -> tuple[Unit, tuple[Do, ...]]:
        """One event in the life of a process; while it waits, it is not judged nor revived."""
        is_held = event in pmon.OF_RECOVERY and not self._may_recover(unit.definition)
        return (pmon.leave_alone if is_held else pmon.advance)(unit, event, now)

    def decide(self, duty: Duty, units: Mapping[str, Unit]) -> Wishes:
        """What is to happen next; nothing is started that waits."""
        wishes = pmon.decide(duty, units)
        if not any(event is Event.START for _, event in wishes):
            return wishes
        waiting = {
            name
            for name, event in wishes
            if event is Event.START and not self._may_recover(units[name].definition)
        }
        if waiting and self._look_at is None:
            self._wait()
        return tuple(one for one in wishes if one[0] not in waiting)

    def wait_s(self) -> float | None:
        """Seconds until it looks at the flags; nothing while nothing waits."""
        return None if self._look_at is None else self._look_at - self._clock()

    def tick(self) -> None:
        """Look at the flags where it is time."""
        if self._look_at is not None and self._clock() >= self._look_at:
            self._look_and_settle()

    def _owes_answers(self, definition: ServiceDefinition) -> bool:
        if definition.announces_init:
            self._look()
        return gates.owes_answers(definition, self._flags, has_worker_part=self._has_worker_part)

    def _may_recover(self, definition: ServiceDefinition) -> bool:
        return self.why_waiting(definition) is None and not self._is_ending()

    def _is_ending(self) -> bool:
        return os.path.exists(self._root / ENDING)  # noqa: PTH110 - on the path of a restart

    @property
    def _has_worker_part(self) -> bool:
        return (
            Personality.WORKER in self._host.subfunctions
            and self._host.personality is not Personality.WORKER
        )

    def _wait(self) -> None:
        """Something waits: be told of new flags, and look now and then all the same."""
        if self._watch is None:
            try:
                self._watch = FolderWatch()
            except WorldError as fault:
                sys.stderr.write(f"{fault}; flags are looked at every {LOOK_S:g} s\n")
            else:
                self._loop.watch(self._watch.fd, self._hear)
        if self._watch is not None:
            for folder in _FOLDERS:
                self._watch.add(self._root / folder)
        self._look_at = self._next_look()

    def _next_look(self) -> float:
        now = self._clock()
        return min(now + LOOK_S, self._begins_at) if self._begins_at > now else now + LOOK_S

    def _hear(self) -> None:
        if self._watch is not None and self._watch.drain():
            former = self._flags
            self._look()
            if former != self._flags or self._is_ending():
                self._look_and_settle()

    def _look_and_settle(self) -> None:
        """Look, and let begin what may. Whatever still waits asks to be looked for again."""
        self._look()
        self._look_at = None
        self._settle()
        if self._look_at is None:
            self._stop_watching()

    def _stop_watching(self) -> None:
        if self._watch is not None:
            self._loop.unwatch(self._watch.fd)
            self._watch.close()
            self._watch = None

    def _look(self) -> None:
        former = self._flags
        self._flags = frozenset(one for one in gates.FLAGS if (self._root / one).exists())
        is_new = gates.ENABLED in self._flags and gates.ENABLED not in former
        if self.settings is not None and is_new:
            self._begins_at = self._clock() + gates.delay_s(
                self._enabled_for(), self.settings.start_delay_s
            )

    def _enabled_for(self) -> float | None:
        try:
            return self._now() - (self._root / gates.ENABLED).stat().st_mtime
        except OSError:
            return None
