"""What an engine does for services that a script starts and stops."""

import signal
import sys
from contextlib import suppress
from dataclasses import replace

from insvc.adapters.pid_file import read_pid
from insvc.adapters.pidfd import Held
from insvc.adapters.script_control import call, call_of, look_at, pid_file
from insvc.agent.strays import end_strays_of_session, scripts_at_work, session_of
from insvc.agent.within import Within
from insvc.errors import InsvcError
from insvc.model.observation import ProcessIdentity
from insvc.supervise.definition import ScriptControl, ServiceDefinition
from insvc.supervise.exit_codes import Grade
from insvc.supervise.script_control import event_of
from insvc.supervise.unit import Event, Unit, called

_ACTS = ("start", "stop")


class ScriptHands:
    """The scripts of one manager's services. All but the looks belong to the loop's thread.

    Args:
        engine: what they work for.
    """

    def __init__(self, engine: Within) -> None:
        self._engine = engine
        self._launcher = engine.launcher
        self._acting: dict[str, Held] = {}
        self._found: dict[str, tuple[str, ProcessIdentity]] = {}
        self._sessions: dict[str, int] = {}

    def find_called(self) -> None:
        """Look for scripts called in the moment in which the manager's earlier life ended.

        Such a one is waited for before another is called.
        """
        calls: dict[tuple[str, str], list[str]] = {}
        for name, unit in self._engine.units.items():
            for act in _ACTS if unit.definition.script is not None else ():
                with suppress(InsvcError):
                    calls[name, act] = call_of(self._launcher, unit.definition, act)[0][-2:]
        if calls:
            found = scripts_at_work(self._launcher.root, calls)
            self._found = {k: v for k, v in found.items() if not self._is_main(k, v[1])}

    def _is_main(self, name: str, found: ProcessIdentity) -> bool:
        """Whether it is the main process, which may still look like the script it came from."""
        unit = self._engine.units[name]
        named = read_pid(self._launcher.root / unit.definition.pidfile)
        return found == unit.main or found.pid == named

    def resume(self, name: str) -> None:
        """Go on waiting for the script that an earlier life of the manager has called."""
        unit = self._engine.units[name]
        if unit.main is not None and unit.definition.script is not None:
            self._note_session(name, unit.main.pid)
        if unit.acting is None:
            if unit.is_due(Event.ACT_OVERDUE):  # about to be called when that life ended
                self._engine.later(name, Event.ACT_DUE)
            return
        held = Held.by_identity(unit.acting)
        if held is None:
            self._engine.later(name, self._hear(name, None))
        else:
            self._watch(name, held)

    def start(self, name: str) -> None:
        """Let its script start the service, once no other call of it is under way."""
        self._call(name, "start")

    def stop(self, name: str) -> None:
        """Let its script stop the service; a start that is under way is ended for it."""
        self._call(name, "stop")

    def _call(self, name: str, act: str) -> None:
        if name in self._acting:
            if self._engine.units[name].act != act:
                self.end_act(name)
            return
        unit = self._engine.units[name]
        if self._waits_for_found(name, unit, act):
            return
        try:
            held = call(self._launcher, unit.definition, act)
        except InsvcError as fault:
            failed = called(unit, act, None, self._engine.clock())
            self._engine.units[name] = replace(failed, told=str(fault))
            self._engine.later(name, Event.ACT_FAILED)
            return
        self._engine.units[name] = called(unit, act, held.identity, self._engine.clock())
        self._watch(name, held)

    def at_work(self) -> set[int]:
        """Pids of the scripts that are at work."""
        return {one.identity.pid for one in self._acting.values()}

    def end_act(self, name: str) -> None:
        """End the script that is at work, with all that is still in its process group."""
        if name in self._acting:
            self._acting[name].signal_group(signal.SIGKILL)

    def forget(self, name: str) -> None:
        """Wait no longer for the script that is at work for the service."""
        held = self._acting.pop(name, None)
        if held is not None:
            self._engine.loop.unwatch(held.fd)
            held.close()

    def find_main(self, name: str) -> bool:
        """Whether its main process is known, by its pid file; true where it has none."""
        unit = self._engine.units[name]
        if unit.main is not None or not script_of(unit.definition).has_process:
            return True
        held = pid_file(self._launcher, unit.definition, unit.started_at).hold_main()
        if held is None:
            return False
        self._engine.units[name] = replace(unit, main=held.identity)
        self._engine.hold(name, held)
        self._note_session(name, held.identity.pid)
        return True

    def delete_pid_file(self, name: str) -> None:
        """Remove its pid file, unless that names a live process of the service."""
        unit = self._engine.units[name]
        if script_of(unit.definition).has_process:
            pid_file(self._launcher, unit.definition, unit.started_at).remove_stale()

    def end_strays(self, name: str) -> None:
        """Kill what a main process that has ended has left in its session."""
        session = self._sessions.pop(name, None)
        if session is not None:
            helpers = self._engine.units[name].definition.helpers
            end_strays_of_session(self._launcher.root, name, session, helpers)

    def _note_session(self, name: str, pid: int) -> None:
        session = session_of(pid)
        if session is not None:
            self._sessions[name] = session

    def is_ready(self, unit: Unit) -> Grade | None:
        """Whether one without a port serves: by its script's word, else because it lives."""
        try:
            return self._look_at(unit, tries=1)
        except InsvcError:
            return None

    def is_alive(self, unit: Unit) -> Grade | None:
        """Whether one without a port answers at all: by its script's word.

        A script that cannot be called says nothing of a process that lives: a patch may just be
        replacing it.
        """
        try:
            return self._look_at(unit, tries=1 + script_of(unit.definition).status.retries)
        except InsvcError as fault:
            sys.stderr.write(f"{unit.definition.name} is not asked: {fault}\n")
            return None if unit.main is None else unit.grade

    def _look_at(self, unit: Unit, tries: int) -> Grade | None:
        if not script_of(unit.definition).status_word:
            return None if unit.main is None else Grade.FULL
        return look_at(self._launcher, unit.definition, tries=tries)

    def _waits_for_found(self, name: str, unit: Unit, act: str) -> bool:
        """Whether a call of an earlier life is still at work; it counts as this one if it can."""
        found_act, identity = self._found.pop(name, ("", None))
        held = None if identity is None else Held.by_identity(identity)
        if held is None:
            return False
        same = called(unit, act, held.identity, self._engine.clock())
        other = replace(unit, act=found_act, acting=held.identity)
        self._engine.units[name] = same if found_act == act else other
        self._watch(name, held)
        return True

    def _watch(self, name: str, held: Held) -> None:
        self._acting[name] = held
        self._engine.loop.watch(held.fd, lambda: self._end(name))

    def _end(self, name: str) -> None:
        """The script has ended: tell what that means for its service."""
        held = self._acting.pop(name)
        self._engine.loop.unwatch(held.fd)
        code = held.reap()
        held.close()
        self._engine.feed(name, self._hear(name, code))

    def _hear(self, name: str, code: int | None) -> Event:
        unit = self._engine.units[name]
        event, told = event_of(script_of(unit.definition), unit.act, code)
        # A stop that cleans up after a failed start must not hide why that failed.
        is_news = event is not Event.ACT_DONE or unit.act == "start"
        told = told if is_news else unit.told
        self._engine.units[name] = replace(unit, acting=None, told=told)
        return event


def script_of(definition: ServiceDefinition) -> ScriptControl:
    """Its script; one of a service whose definition has lost it while it was at work is none."""
    return definition.script or ScriptControl(style="lsb", name="", has_process=False)
