"""Whether a policy names what exists and sets limits that make sense."""

from insvc.errors import InputError, UnknownName
from insvc.model.words import Personality
from insvc.plan.policy import Policy
from insvc.plan.view import View


def check_policy(policy: Policy, view: View) -> None:
    """Refuse limits that name nothing or make no sense.

    Raises:
        UnknownName: `max_unavailable_of` or `parallel_hosts` names what nobody knows.
        InputError: a limit is below one, or a time is negative.
    """
    limits = {
        "max_unavailable": policy.max_unavailable,
        "parallel_services": policy.parallel_services,
        **{f"max_unavailable_of.{name}": one for name, one in policy.max_unavailable_of.items()},
        **{f"parallel_hosts.{name}": one for name, one in policy.parallel_hosts.items()},
    }
    for key, limit in limits.items():
        if limit < 1:
            raise InputError(
                f"policy {key}", f"is {limit}, 1 or more is expected", next_act="raise the limit"
            )
    times_s = {"dwell_s": policy.dwell_s, "drain_s": policy.drain_s or 0.0}
    for key, time_s in times_s.items():
        if time_s < 0:
            raise InputError(
                f"policy {key}", f"is {time_s}, 0 or more is expected", next_act="correct it"
            )
    known = {*view.members, *(s.name for entry in view.catalog.entries for s in entry.services)}
    _check_names("max_unavailable_of", policy.max_unavailable_of, known, "service")
    _check_names("parallel_hosts", policy.parallel_hosts, set(Personality), "personality")


def _check_names(key: str, found: dict[str, int], known: set[str], noun: str) -> None:
    for name in found:
        if name not in known:
            raise UnknownName(
                name,
                f"no {noun} has this name, but the policy's {key} does",
                next_act=f"correct the name in {key}",
            )
