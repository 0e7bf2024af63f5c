"""The end of all that the active role runs and holds here, while its service manager hangs.

A kill ends no service without a process, an address or a mount: the agent calls their scripts. What
no script ends, only the end of the host does.
"""

import threading
import time

from insvc.adapters.bounded import run_bounded
from insvc.adapters.definitions import read_definitions
from insvc.adapters.launcher import Launcher
from insvc.adapters.script_control import call_of
from insvc.adapters.sm_shipped import shipped_tables
from insvc.agent.end_host import end_host
from insvc.agent.fence import end_active_services
from insvc.errors import WorldError
from insvc.model.words import Manager
from insvc.supervise.definition import ScriptControl, ServiceDefinition
from insvc.supervise.script_control import event_of
from insvc.supervise.sm_completion import completed
from insvc.supervise.sm_tables import Tables, needs_among
from insvc.supervise.stop_order import stop_order
from insvc.supervise.unit import Event

_ONE_BY_ONE = threading.Lock()
"""A peer that has waited for long asks again while the first answer is still being made: its kill
would meet the scripts that are at work for the first."""


def end_active_role(launcher: Launcher) -> int:
    """Kill every process of the active role, then stop what it holds; how many processes.

    Raises:
        InputError: a definition names no script that can be called.
        WorldError: something of it is left and may still serve. The host is rebooted for that,
            where it names a `reboot_command`: once in a boot.
    """
    with _ONE_BY_ONE:
        try:
            ended = end_active_services(launcher.root)
            stop_active_scripts(launcher)
        except WorldError as fault:
            end_host(launcher.folder, launcher.host.reboot_command, str(fault))
            raise
    return ended


def stop_active_scripts(launcher: Launcher) -> int:
    """Stop every service of the active role that has a script and no process; how many.

    Who needs another is stopped before it.

    Raises:
        InputError: a definition names no script that can be called.
        WorldError: one of them could not be stopped, so it may still serve.
    """
    tables = shipped_tables()
    left = _without_process(launcher, tables)
    needs = needs_among(tables, left)
    order = stop_order({name: (*one.depends_on, *needs[name]) for name, (one, _) in left.items()})
    for name in order:
        _stop(launcher, *left[name])
    return len(order)


def _without_process(
    launcher: Launcher, tables: Tables
) -> dict[str, tuple[ServiceDefinition, ScriptControl]]:
    definitions, _ = read_definitions(launcher.root, frozenset({Manager.SM}))
    found = (completed(one, tables) for one in definitions.values() if one.runs_when == "active")
    return {
        one.name: (one, one.script)
        for one in found
        if one.script is not None and not one.script.has_process
    }


def _stop(launcher: Launcher, definition: ServiceDefinition, script: ScriptControl) -> None:
    command, environment = call_of(launcher, definition, "stop")
    rule = script.stop
    said = ""
    for tried in range(rule.retries + 1):
        if tried:
            time.sleep(rule.pause_s)
        done = run_bounded(command, rule.timeout_s, more=environment, folder=launcher.root)
        said = f"its stop script {done}"
        if done.status is not None and event_of(script, "stop", done.status)[0] is Event.ACT_DONE:
            return
    raise WorldError(
        definition.name,
        f"may still serve on {launcher.host.host}: {said}",
        next_act="stop it there by hand, or end the host",
    )
