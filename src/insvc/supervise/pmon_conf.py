"""From a process file of pmon to the definition by which its process is looked after."""

from insvc.model.pmon_conf import PmonConf
from insvc.model.words import Manager
from insvc.supervise.definition import (
    ActionRule,
    ActiveCheck,
    ScriptControl,
    ServiceDefinition,
    StatusCheck,
)

_SCRIPT_S = 60.0
_LEAST_INTERVAL_S = 1.0


def definition_of(conf: PmonConf) -> ServiceDefinition:
    """What pmon does with the process of that file.

    A start that fails is counted and paced by `restarts` and `interval`, so no action is tried
    again within itself. An interval of 0 counts as one second: without any pause, what cannot
    start would keep its host busy.
    """
    is_status = conf.mode == "status"
    return ServiceDefinition(
        name=conf.process,
        manager=Manager.PMON,
        package="",
        script=_control(conf),
        pidfile=(conf.pidfile or "").lstrip("/"),
        health_path=None,
        startup_s=float(conf.startup_s),
        debounce_s=float(conf.debounce_s),
        interval_s=max(float(conf.interval_s), _LEAST_INTERVAL_S),
        restarts=conf.restarts,
        audit_s=0.0 if conf.mode == "passive" else float(conf.period_s),
        audit_misses=conf.threshold if conf.mode == "active" else max(conf.restarts, 1),
        severity=conf.severity,
        active_check=_active(conf),
        status_check=StatusCheck(
            period_s=float(conf.period_s),
            timeout_s=float(conf.timeout_s),
            failure_text=None if conf.failure_text is None else conf.failure_text.lstrip("/"),
        )
        if is_status
        else None,
        subfunction=conf.subfunction,
        is_essential=conf.is_essential,
        announces_init=conf.announces_init,
    )


def is_of_file(definition: ServiceDefinition) -> bool:
    """Whether a definition comes from a process file: those that packages deliver name theirs."""
    return not definition.package


def _active(conf: PmonConf) -> ActiveCheck | None:
    if conf.mode != "active":
        return None
    return ActiveCheck(
        port=conf.port,
        period_s=float(conf.period_s),
        timeout_s=float(conf.timeout_s),
        threshold=conf.threshold,
    )


def _control(conf: PmonConf) -> ScriptControl:
    """The script where there is one, else the unit of systemd.

    Whether a process is up is told by its pid file; its script is not asked for that.
    """
    start = ActionRule(timeout_s=max(_SCRIPT_S, float(conf.startup_s)))
    if conf.mode == "status":
        limit = ActionRule(timeout_s=float(conf.timeout_s))
        return ScriptControl(
            style=conf.style,
            name=_script(conf),
            has_process=False,
            start_word=conf.start_arg,
            status_word=conf.status_arg,
            start=ActionRule(timeout_s=max(_SCRIPT_S, float(conf.timeout_s))),
            stop=limit,
            status=limit,
        )
    rule = ActionRule(timeout_s=_SCRIPT_S)
    if conf.script is None:
        unit = conf.service or conf.process
        return ScriptControl(
            style="systemd",
            name=f"{unit}.service",
            status_word="",
            start=start,
            stop=rule,
            status=rule,
        )
    return ScriptControl(
        style=conf.style,
        name=_script(conf),
        status_word="",
        start=start,
        stop=rule,
        status=rule,
    )


def _script(conf: PmonConf) -> str:
    """The script below the host's root, or the agent as `PROVIDER:TYPE`."""
    parts = (conf.script or "").strip("/").split("/")
    return ":".join(parts[-2:]) if conf.style == "ocf" else "/".join(parts)
