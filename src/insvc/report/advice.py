"""What the reader of a report does next."""

from insvc.model.words import Action, Outcome
from insvc.report.report import Report

_DONE = "Nothing: the patch runs everywhere it should."
_UNDONE = "Nothing: what ran before the patch runs again."


def next_acts(report: Report) -> tuple[str, ...]:
    """The acts that remain, most urgent first; one sentence that says so where none does."""
    acts = [*_of_outcome(report), *_of_blind_spots(report)]
    if not acts:
        acts = [_DONE if report.rollback_of is None else _UNDONE]
    return (*acts, *_of_waiting(report))


def _of_outcome(report: Report) -> list[str]:
    run = report.run
    if report.outcome == "incomplete":
        return [
            f"Carry the run on with `insvc run resume {run}`, or end it with "
            f"`insvc run abort {run}`."
        ]
    undo = f", or put the old packages back with `insvc run rollback {run}`"
    undo = undo if report.is_undoable else ""
    if report.outcome == "failed":
        return [
            *_places_to_look(report),
            f"Then restart what is still stale with `insvc restart`{undo}.",
        ]
    if report.outcome == "aborted":
        return [f"The rest still runs the old code: restart it with `insvc restart`{undo}."]
    if report.outcome == "rolled-back":
        return ["The old packages are back: find the fault in the patch before it is tried again."]
    if report.stale_after:
        return _of_stale(report)
    return []


def _of_stale(report: Report) -> list[str]:
    """What is still stale, and what of it the policy leaves alone until it is named."""
    left = {(one.host, one.service) for one in report.omitted}
    named = [one.service for one in report.stale_after if (one.host, one.service) in left]
    acts = []
    if len(named) < len(report.stale_after):
        acts.append("Restart what is still stale with `insvc restart`.")
    if named:
        names = " ".join(dict.fromkeys(named))
        acts.append(f"See above why no step was made, or insist: `insvc restart {names}`.")
    return acts


def _places_to_look(report: Report) -> list[str]:
    bad = {Outcome.FAILED, Outcome.UNVERIFIED, Outcome.UNKNOWN, Outcome.NOT_RUNNING}
    found = [step for step in report.steps if step.outcome in bad and step.service]
    units = [one for one in found if one.service.endswith(".service")]
    acts = [f"Read `journalctl -u {one.service}` on {one.host}." for one in units]
    logs = [f"hosts/{one.host}/log/{one.service}.log" for one in found if one not in units]
    if logs:
        acts.append(f"Read what its manager logged; in a cloud's directory: {', '.join(logs)}.")
    return acts


def _of_blind_spots(report: Report) -> list[str]:
    if report.unobserved:
        names = ", ".join(report.unobserved)
        agents = "agent" if len(report.unobserved) == 1 else "agents"
        return [f"Bring the {agents} of {names} back and look with `insvc scan`."]
    if report.observed_at is None and report.outcome != "incomplete":
        return ["Look at what runs now with `insvc scan`."]
    return []


def _of_waiting(report: Report) -> list[str]:
    jobs = [
        step.service
        for step in report.steps
        if step.action is Action.NEXT_RUN and step.outcome is Outcome.NEXT_RUN
    ]
    if not jobs:
        return []
    names = ", ".join(dict.fromkeys(jobs))
    return [f"Leave {names} alone: the next scheduled run uses the new code."]
