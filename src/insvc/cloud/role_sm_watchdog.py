"""sm-watchdog: sees whether the service manager answers, and whether threads stall in the kernel.

Each second it asks sm; silence is written into its log and answered at `/status`, and nothing is
restarted, since pmon alone owns sm. Each 10 s it looks at the threads of nfsd and of this host's
managers. One that has not moved for 60 s is told: an alarm, and all that the kernel says of it in
`log/sm-watchdog.debug`. Where the operator has named a `reboot_command` in `host.json`, it is run
once in a boot if the thread still stalls 60 s later.
"""

import os
import subprocess
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from insvc.adapters.definitions import read_host
from insvc.adapters.reboot import REBOOTED, reboot_once
from insvc.adapters.small_file import read_small
from insvc.adapters.stalls_file import read_stalls, write_stalls
from insvc.adapters.threads import look_at_threads, tell_thread
from insvc.agent.alarms import WATCHDOG, AlarmKeeper
from insvc.cloud.role_daemon import RoleDaemon, ask_sm, say, settings_of
from insvc.errors import WorldError
from insvc.standin.web import Reply, Request
from insvc.supervise.alarms import of_stalls
from insvc.supervise.stalls import Due, Limits, Stall, ThreadKey, due, follow

PERIOD_S = 1.0
BOUND_S = 2.0
SETTINGS = "etc/insvc/sm-watchdog.json"
LARGEST_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What an operator may set in `etc/insvc/sm-watchdog.json` below the host's root.

    Attributes:
        programs: names of programs whose threads are looked at.
        look_s: seconds between two looks; `stalled_s`, `grace_s`: see `Limits`.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    programs: tuple[str, ...] = ("nfsd",)
    look_s: float = 10.0
    stalled_s: float = 60.0
    grace_s: float = 60.0


def read_settings(root: Path) -> Settings:
    """The settings of the host; those that everybody has where its file is not there or faulty."""
    return settings_of("sm-watchdog", root / SETTINGS, Settings())


@dataclass
class Answers:
    """Whether sm answers within its bound.

    Attributes:
        run: the host's run directory.
        bound_s: how long an answer may take.
        looks, missed, missed_in_a_row: how often it was asked, and gave none.
        longest_s: the longest that an answer took.
        reason: why the last one was missed.
    """

    run: Path
    bound_s: float = BOUND_S
    looks: int = 0
    missed: int = 0
    missed_in_a_row: int = 0
    longest_s: float = 0.0
    reason: str = ""

    def look(self) -> None:
        """Ask once."""
        asked = time.monotonic()
        self.looks += 1
        try:
            ask_sm(self.run, self.bound_s)
        except WorldError as fault:
            self.missed += 1
            self.missed_in_a_row += 1
            self.reason = str(fault)
            if self.missed_in_a_row == 1:
                say(f"sm-watchdog: {fault}; nothing is restarted, pmon owns sm")
            return
        self.longest_s = max(self.longest_s, time.monotonic() - asked)
        if self.missed_in_a_row:
            say(f"sm-watchdog: sm answers again after {self.missed_in_a_row} missed")
        self.missed_in_a_row = 0

    def told(self) -> dict[str, object]:
        """What was seen so far."""
        return {
            "sm_answers": self.looks > 0 and self.missed_in_a_row == 0,
            "looks": self.looks,
            "missed": self.missed,
            "missed_in_a_row": self.missed_in_a_row,
            "longest_answer_s": round(self.longest_s, 6),
            "bound_s": self.bound_s,
            "last_fault": self.reason,
        }


@dataclass
class Threads:
    """Which threads stall, and what was done about it.

    Attributes:
        folder: the host's folder; `settings`: of this daemon.
        stalls: threads that were uninterruptible at the last look.
        told: those of them that were written down.
    """

    folder: Path
    settings: Settings
    stalls: dict[ThreadKey, Stall] = field(default_factory=dict)
    told: set[ThreadKey] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Read what the host is, and take over the alarms and stalls of the life before."""
        self._host = read_host(self.folder)
        self._alarms = AlarmKeeper(self.folder, self._host.host, WATCHDOG)
        self._limits = Limits(stalled_s=self.settings.stalled_s, grace_s=self.settings.grace_s)
        self._rebooting: subprocess.Popen[bytes] | None = None
        self._kept = self.folder / "run" / "sm-watchdog.stalls"
        self.stalls = read_stalls(self._kept)

    def look(self, now: float) -> None:
        """Look at every thread once, and do what is due.

        Args:
            now: seconds of a clock that nobody sets.
        """
        looks = look_at_threads(self.settings.programs, self._managers())
        before, self.stalls = self.stalls, follow(self.stalls, looks, now)
        if self.stalls != before:
            write_stalls(self._kept, self.stalls)
        self.told &= set(self.stalls)
        by_due = {key: due(one, now, self._limits) for key, one in self.stalls.items()}
        stalled = [self.stalls[key] for key, what in by_due.items() if what is not Due.NOTHING]
        for one in stalled:
            if one.look.key not in self.told:
                self._write_down(one, now)
        reboots = bool(self._host.reboot_command)
        self._alarms.hold(of_stalls(self._host.host, stalled, reboots=reboots))
        if reboots and Due.REBOOT in by_due.values():
            self._reboot()
        self.hear_of_reboot()

    def hear_of_reboot(self) -> bool:
        """Whether the operator's command is at work; tells how it ended where the host lives on."""
        code = None if self._rebooting is None else self._rebooting.poll()
        if code is not None:
            say(f"sm-watchdog: the command that was to reboot the host ended with {code}")
            self._rebooting = None
        return self._rebooting is not None

    def close(self) -> None:
        """Let go of the alarms; they stand on until the next life looks."""
        self._alarms.close()

    def _managers(self) -> Collection[int]:
        """Processes of this host's managers, by their pid files."""
        found = set()
        for name in ("run/agent.pid", "root/run/sm.pid"):
            try:
                found.add(int(read_small(self.folder / name)))
            except (OSError, ValueError):
                continue  # one that is not there has no threads
        return found

    def _write_down(self, stall: Stall, now: float) -> None:
        look = stall.look
        self.told.add(look.key)
        line = f"{look.program}: thread {look.key.tid} stalls for {now - stall.since:.0f} s"
        say(f"sm-watchdog: {line}")
        path = self.folder / "log" / "sm-watchdog.debug"
        path.parent.mkdir(exist_ok=True)
        if path.exists() and path.stat().st_size > LARGEST_BYTES:
            path.replace(path.with_name(f"{path.name}.1"))
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        with path.open("a", encoding="utf-8") as log:
            log.write(f"=== {stamp} {line} ===\n{tell_thread(look.key)}")

    def _reboot(self) -> None:
        command = self._host.reboot_command
        try:
            begun = reboot_once(command, self.folder / REBOOTED, "threads stall in the kernel")
        except WorldError as fault:
            say(f"sm-watchdog: the host is not rebooted: {fault}")
            return
        if begun is not None:
            self._rebooting = begun
            say(f"sm-watchdog: the host is rebooted: {' '.join(command)}")


class Watch:
    """All that this daemon looks at.

    Args:
        folder: the host's folder.
        settings: how often it looks, and at what.
    """

    def __init__(self, folder: Path, settings: Settings) -> None:
        self._answers = Answers(folder / "run")
        self._threads = Threads(folder, settings)
        self._looked_at: float | None = None

    def beat(self) -> None:
        """Look at what is due."""
        self._answers.look()
        now = time.monotonic()
        period_s = self._threads.settings.look_s
        if self._looked_at is None or now >= self._looked_at + period_s:
            self._looked_at = now
            self._threads.look(now)

    def answer(self, request: Request) -> Reply | None:
        """`/status`: what was seen."""
        if request.path != "/status":
            return None
        stalled = sorted(one.tid for one in tuple(self._threads.told))
        return Reply(200, {**self._answers.told(), "stalled_threads": stalled})

    def close(self) -> None:
        """Let go of what is open."""
        self._threads.close()


def main() -> None:
    """Run the daemon."""
    folder = Path(os.environ["INSVC_RUN"]).parent
    watch = Watch(folder, read_settings(Path(os.environ["INSVC_ROOT"])))
    RoleDaemon("sm-watchdog", answer=watch.answer, beat=watch.beat, period_s=PERIOD_S).run()
    watch.close()
