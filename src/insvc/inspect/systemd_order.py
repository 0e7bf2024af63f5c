"""Whether systemd may be asked to act on a unit, when, and what its answer means."""

from collections.abc import Sequence

from insvc.inspect.systemd_entry import replaces_itself
from insvc.inspect.systemd_unit import UnitFacts
from insvc.model.words import Action

RESTARTS = frozenset({Action.RESTART, Action.HANDOFF})
START_LIMIT = "start-limit-hit"
_RESULTS = {
    "canceled": "its job was cancelled: somebody asked for something else meanwhile",
    "timeout": "its job took longer than systemd allows",
    "failed": "its job failed",
    "dependency": "a unit that it needs could not be started",
    "skipped": "systemd found its job not applicable",
    "invalid": "systemd found its job not applicable",
    "unsupported": "units of its kind cannot do that",
    "collected": "the unit is gone",
    "once": "it may be started only once",
}


def refusal(facts: UnitFacts, action: Action) -> tuple[str, str] | None:
    """Why the unit must not be asked for that, and the next act; nothing where it may be.

    Everything here is known beforehand, so that nothing was done when it is said.
    """
    if action is Action.RELOAD and not facts.can_reload:
        return "it has no reload", "restart it instead"
    if action is Action.HANDOFF and not (replaces_itself(facts) or facts.sockets):
        return "neither its reload nor a socket unit hands its sockets over", "restart it instead"
    if action not in RESTARTS and action is not Action.RELOAD:
        return f"systemd knows no {action} for it", "restart it instead"
    if action is Action.RELOAD or (action is Action.HANDOFF and replaces_itself(facts)):
        return None if facts.active == "active" else (_not_up(facts), f"look at {_status(facts)}")
    return _no_restart(facts)


def _no_restart(facts: UnitFacts) -> tuple[str, str] | None:
    if facts.load == "masked":
        return "it is masked, so once stopped it could not start", f"systemctl unmask {facts.name}"
    if facts.load != "loaded":
        found = f"its unit file is {facts.load}, so once stopped it could not start"
        return found, "put the unit file back, or stop it by hand"
    if facts.refuses_stop or facts.refuses_start:
        which = "RefuseManualStop" if facts.refuses_stop else "RefuseManualStart"
        return f"systemd refuses to restart it by request ({which})", "reboot to cure it"
    if facts.is_job:
        return "it is a job, started afresh for every run", "use next-run"
    if facts.active == "inactive":
        return _not_up(facts), f"systemctl start {facts.name}, if it is to run"
    return None


def _not_up(facts: UnitFacts) -> str:
    return f"it does not run ({facts.active}, {facts.sub})"


def _status(facts: UnitFacts) -> str:
    return f"systemctl status {facts.name}"


def wait_s(starts: Sequence[float], burst: int, interval_s: float, now: float) -> float:
    """How long to wait so that one more start leaves systemd a start of its own.

    systemd refuses a start beyond `burst` within `interval_s`, and the unit then stays down. The
    last allowed start is left for systemd itself, which needs it where the unit crashes.

    Args:
        starts: when it was started lately, seconds on the same clock as `now`.
        burst: how many starts are allowed; none are counted where it is 0.
        interval_s: within how many seconds.
        now: the present.
    """
    if burst <= 0 or interval_s <= 0:
        return 0.0
    lately = sorted(one for one in starts if now - one < interval_s)
    allowed = max(burst - 1, 1)
    if len(lately) < allowed:
        return 0.0
    return max(0.0, lately[len(lately) - allowed] + interval_s - now)


def verdict_on_job(result: str, facts: UnitFacts, before: UnitFacts, *, renews: bool) -> str:
    """Why a job that ended did not do what it should; empty where it did.

    Args:
        result: the job's result in systemd's words.
        facts: the unit now.
        before: the unit before.
        renews: whether it must be another run of the unit now.
    """
    if result != "done":
        return f"{_RESULTS.get(result, f'its job ended as {result!r}')}{_ending(facts)}"
    if facts.active != "active":
        return f"its job was done, and yet it is {facts.active} ({facts.sub}){_ending(facts)}"
    if renews and facts.invocation == before.invocation:
        return "its job was done, and yet it is still the same run of the unit"
    return ""


def _ending(facts: UnitFacts) -> str:
    how = [one for one in (facts.result, facts.exit_code) if one and one != "success"]
    return f"; its last run ended with {', '.join(how)}" if how else ""


def times_of(facts: UnitFacts, before: UnitFacts, offset_s: float) -> dict[str, float]:
    """When it stopped, was started and was ready, by systemd's own stamps of this act.

    Args:
        facts: the unit after it.
        before: the unit before it.
        offset_s: seconds since the epoch when the monotonic clock was 0, by the clock of now.
    """
    stamps = {
        "stopped": (facts.left_at, before.left_at),
        "started": (facts.main_at or facts.began_at, before.main_at or before.began_at),
        "ready": (facts.ready_at, before.ready_at),
    }
    return {name: now + offset_s for name, (now, then) in stamps.items() if now > then}


def is_settled(facts: UnitFacts) -> bool:
    """Whether nothing is under way for the unit, so that its state is a result."""
    return not facts.job and facts.active in {"active", "failed", "inactive"}


def was_drained(facts: UnitFacts, before: UnitFacts, *, killed: bool) -> bool | None:
    """Whether it ended by itself before systemd, or we, gave up; nothing where none ran."""
    if not before.cgroup:
        return None
    if killed or before.stop_limit_s is None or facts.left_at <= before.left_at:
        return not killed
    return facts.began_at - facts.left_at < before.stop_limit_s


def is_other_incarnation(before: tuple[int, str], now: tuple[int, str]) -> bool:
    """Whether systemd has executed itself in between.

    Its name on the bus tells. Without a bus there is none, and then it tells when it last read
    its units, which it also does where somebody asks it to.

    Args:
        before: when it had read its units, and its unique bus name, which may be empty.
        now: the same later.
    """
    if before[1] and now[1]:
        return before[1] != now[1]
    return now[0] > before[0]
