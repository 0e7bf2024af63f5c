"""Calls the script of a service: beside everything else to start or stop it, to its end to look."""

import time
from collections.abc import Callable
from pathlib import Path

from insvc.adapters.bounded import run_bounded, why_untrusted
from insvc.adapters.launcher import Launcher
from insvc.adapters.ocf_agent import OcfAgent
from insvc.adapters.pid_file import PidFile
from insvc.adapters.pidfd import Held
from insvc.errors import InputError, WorldError
from insvc.supervise.definition import ActionRule, ScriptControl, ServiceDefinition
from insvc.supervise.exit_codes import Grade
from insvc.supervise.script_control import grade_of, word_of

ACT_VARIABLE = "INSVC_ACT"
_OCF_ROOT = "usr/lib/ocf"
_UNIT_ACT = (
    "import os, sys; sys.path.insert(0, os.environ['INSVC_LIBRARY']); "
    "from insvc.adapters.unit_act import main; sys.exit(main(sys.argv[1:]))"
)

Call = tuple[list[str], dict[str, str]]


def call(launcher: Launcher, definition: ServiceDefinition, act: str) -> Held:
    """Let the script start or stop its service; it is at work when this returns.

    Raises:
        InputError: its definition names no script that can be called.
        WorldError: it cannot be run.
    """
    command, environment = call_of(launcher, definition, act)
    return launcher.spawn(definition, command, environment)


def look_at(
    launcher: Launcher,
    definition: ServiceDefinition,
    *,
    tries: int = 1,
    pause: Callable[[float], object] = time.sleep,
) -> Grade | None:
    """How well a look of the script has found the service to serve; any of so many tries will do.

    Nothing where it does not serve.

    Raises:
        InputError: its definition names no script that can be called.
        WorldError: it cannot be run.
    """
    script, rule = _script(definition), _rule(_script(definition), "status")
    command, environment = call_of(launcher, definition, "status")
    for left in reversed(range(tries)):
        done = run_bounded(command, rule.timeout_s, more=environment, folder=launcher.root)
        grade = grade_of(script, done.status)
        if grade is not None:
            return grade
        if left:
            pause(rule.pause_s)
    return None


def call_of(launcher: Launcher, definition: ServiceDefinition, act: str) -> Call:
    """Command and environment by which `start`, `stop` or `status` is asked for.

    Raises:
        InputError: its definition names no script that can be called.
        WorldError: it is not there, or others than its owner could have written it.
    """
    script = _script(definition)
    environment = {**launcher.environment(definition), ACT_VARIABLE: act}
    word = word_of(script, act)
    if script.style == "systemd":
        return [launcher.host.python, "-I", "-S", "-B", "-c", _UNIT_ACT, word, script.name], (
            environment
        )
    if script.style == "ocf":
        timeout_s = _rule(script, act).timeout_s
        command, more = _agent(launcher, definition).call(word, timeout_s)
        return command, {**environment, **more}
    path = launcher.root / script.name.lstrip("/")
    untrusted = why_untrusted(path, launcher.root.stat().st_uid)
    if untrusted:
        raise WorldError(
            definition.name,
            f"its script is not run: {untrusted}",
            next_act="install its package again",
        )
    return [str(path), word], environment


def pid_file(launcher: Launcher, definition: ServiceDefinition, called_at: float | None) -> PidFile:
    """The file in which the main process of a service with a script is named.

    Args:
        launcher: of its host.
        definition: of the service.
        called_at: when its start was begun, on the monotonic clock; absent where it was not.
    """
    script = _script(definition)
    program = launcher.root / script.program.lstrip("/") if script.program else None
    if script.program.startswith("/") and program is not None and not program.exists():
        program = Path(script.program)
    return PidFile(
        path=launcher.root / definition.pidfile,
        root=launcher.root,
        service=definition.name,
        program="" if program is None else str(program.resolve()),
        unit=script.name if script.style == "systemd" else "",
        called_at=called_at,
    )


def _agent(launcher: Launcher, definition: ServiceDefinition) -> OcfAgent:
    """The agent below the host's root."""
    script = _script(definition)
    provider, _, kind = script.name.removeprefix("ocf:").rpartition(":")
    if not provider:
        raise InputError(
            definition.name,
            f"found {script.name!r} as agent, expected PROVIDER:TYPE",
            next_act="correct its definition",
        )
    return OcfAgent(
        provider=provider,
        kind=kind,
        instance=definition.name,
        parameters=script.parameters,
        root=launcher.root / _OCF_ROOT,
    )


def _rule(script: ScriptControl, act: str) -> ActionRule:
    return {"start": script.start, "stop": script.stop, "status": script.status}[act]


def _script(definition: ServiceDefinition) -> ScriptControl:
    if definition.script is None:
        raise InputError(
            definition.name, "is controlled by no script", next_act="correct its definition"
        )
    return definition.script
