"""Whether the forecast tells of everything that the steps take down."""

from collections.abc import Iterator

from insvc.check.case import is_act
from insvc.check.violation import Violation, contradiction
from insvc.plan.plan import Impairment, Plan, Step

_ROUNDED_S = 0.002


def check_forecast(plan: Plan) -> Iterator[Violation]:
    """Each act is foretold: its service, its host, all of its time, and the outage expected."""
    lines = {one.entry: one for one in plan.forecast}
    hosts = {one.entry: frozenset(one.hosts) for one in plan.forecast}
    for step in plan.steps:
        if not is_act(step):
            continue
        line = lines.get(step.entry)
        if line is None:
            fault = f"nothing is foretold of {step.entry}"
        elif step.service not in line.services or step.host not in hosts[step.entry]:
            fault = f"what is foretold of {step.entry} leaves out {step.service} on {step.host}"
        else:
            fault = _fault(step, line)
        if fault:
            yield contradiction("plan.forecast", step.id, fault, step.id)


def check_forecast_of_lines(plan: Plan) -> Iterator[Violation]:
    """Of every line, each host is foretold; times and services are looked at step by step."""
    hosts = {one.entry: frozenset(one.hosts) for one in plan.forecast}
    for line in plan.lines:
        names = {one.host for one in line.hosts}
        for step in line.turn:
            left_out = names - hosts.get(step.entry, frozenset())
            if left_out:
                fault = f"what is foretold of {step.entry} leaves out {min(left_out)}"
                yield contradiction("plan.forecast", line.id, fault, step.id)


def _fault(step: Step, line: Impairment) -> str:
    if line.from_s > step.start_s + _ROUNDED_S or line.until_s + _ROUNDED_S < step.end_s:
        return (
            f"is planned from {step.start_s} s to {step.end_s} s, but {step.entry} is foretold to "
            f"be impaired from {line.from_s} s to {line.until_s} s"
        )
    if line.outage_s + _ROUNDED_S < step.expected_outage_s:
        return (
            f"is expected to be out for {step.expected_outage_s} s, but no more than "
            f"{line.outage_s} s is foretold of {step.entry}"
        )
    return ""
