"""How soon after others a step may start: pauses, start limits, maintenance windows (law 11)."""

from dataclasses import dataclass, field

from insvc.model.observation import Observation
from insvc.plan.needs import Need
from insvc.plan.policy import MaxStarts, Policy
from insvc.plan.window_conflict import no_window
from insvc.plan.windows import next_start

_DIGITS = 6


def origin_of(observation: Observation, policy: Policy) -> float:
    """When the run is to begin, in seconds since the epoch."""
    if policy.starts_at is not None:
        return policy.starts_at
    return max((seen.taken_at for seen in observation.hosts), default=0.0)


def soak_of(policy: Policy, *names: str) -> float:
    """The pause that the policy wants after a step of these names; the first name found counts."""
    return next(
        (policy.soak_s_of[name] for name in names if name in policy.soak_s_of), policy.soak_s
    )


def rest_s(policy: Policy) -> float:
    """The longest pause that the policy wants after anything."""
    return max([policy.soak_s, *policy.soak_s_of.values()])


def settle_s(need: Need, policy: Policy) -> float:
    """How long a service is left alone first because its manager has started it so often."""
    limit = policy.max_starts
    return limit.within_s if limit is not None and need.instance.restarts > limit.count else 0.0


def after_starts(starts: list[float], limit: MaxStarts, at: float) -> float:
    """The first moment from `at` on at which one more start keeps the limit.

    Args:
        starts: the starts so far, earliest first.
        limit: how many in which time.
        at: no earlier than this.
    """
    if len(starts) < limit.count:
        return at
    return max(at, starts[-limit.count] + limit.within_s)


@dataclass(slots=True)
class Pace:
    """The starts of a plan so far, and the windows they must keep.

    Attributes:
        policy: says how fast it may go.
        origin: when the run is to begin, in seconds since the epoch.
    """

    policy: Policy
    origin: float = 0.0
    _starts: dict[str, list[float]] = field(default_factory=dict)

    def fit_s(self, need: Need, at_s: float, duration_s: float) -> float:
        """The first moment from `at_s` on at which the step may start, in seconds of the run.

        Raises:
            PlanRefused: no maintenance window is left that is long enough.
        """
        if need.disrupts or need.revives:
            at_s = self.limit_s(need.host, at_s)
        return self.open_s(need.id, at_s, duration_s)

    def limit_s(self, host: str, at_s: float) -> float:
        """The first moment from `at_s` on at which one more start on the host keeps the limit."""
        limit = self.policy.max_starts
        return at_s if limit is None else after_starts(self._starts.get(host, []), limit, at_s)

    def open_s(self, subject: str, at_s: float, duration_s: float) -> float:
        """The first moment from `at_s` on with that long to go before its window closes.

        Raises:
            PlanRefused: no maintenance window is left that is long enough.
        """
        if not self.policy.windows:
            return at_s
        found = next_start(self.policy.windows, self.origin + at_s, duration_s)
        if found is None:
            raise no_window(subject, self.policy.windows, self.origin, at_s, duration_s)
        return max(at_s, round(found - self.origin, _DIGITS))

    def note(self, need: Need, start_s: float) -> None:
        """Count a start."""
        if self.policy.max_starts is not None and (need.disrupts or need.revives):
            starts = self._starts.setdefault(need.host, [])
            starts.append(start_s)
            starts.sort()

    def later(self, by_s: float) -> "Pace":
        """The same pace for what begins so much later; starts so far are times before that."""
        starts = {host: [at_s - by_s for at_s in noted] for host, noted in self._starts.items()}
        return Pace(self.policy, self.origin + by_s, starts)
