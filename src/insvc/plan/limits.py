"""Whether a policy names what exists and sets limits that make sense."""

import re
from collections.abc import Iterable, Iterator

from insvc.errors import InputError, UnknownName
from insvc.model.words import Personality
from insvc.plan.policy import Limit, Policy
from insvc.plan.view import View
from insvc.plan.windows import window_fault

_PERCENT = re.compile(r"(100|[1-9]?\d)(\.\d+)?%")


def check_policy(policy: Policy, view: View) -> None:
    """Refuse limits that name nothing or make no sense.

    Raises:
        UnknownName: it names what nobody knows.
        InputError: a limit is below one, a percentage or a window cannot be understood, or a
            time is negative.
    """
    for key, limit in _limits(policy):
        fault = limit_fault(limit)
        if fault is not None:
            raise InputError(f"policy {key}", fault, next_act="write 1 or more, or a percentage")
    for key, time_s in _times(policy):
        if time_s < 0:
            raise InputError(
                f"policy {key}", f"is {time_s}, 0 or more is expected", next_act="correct it"
            )
    for place, window in enumerate(policy.windows):
        wrong = window_fault(window)
        if wrong is not None:
            raise InputError(f"policy windows.{place}", wrong, next_act="correct the window")
    _check_all_names(policy, view)


def limit_fault(limit: Limit) -> str | None:
    """What is wrong with a limit, in words."""
    if isinstance(limit, int):
        return f"is {limit}, expected 1 or more" if limit < 1 else None
    if _PERCENT.fullmatch(limit) is None or not 0 < float(limit[:-1]) <= 100:  # noqa: PLR2004
        return f"is {limit!r}, expected a count or a percentage up to 100%"
    return None


def _limits(policy: Policy) -> Iterator[tuple[str, Limit]]:
    yield "max_unavailable", policy.max_unavailable
    yield "parallel_services", policy.parallel_services
    yield from (
        (f"max_unavailable_of.{name}", one) for name, one in policy.max_unavailable_of.items()
    )
    yield from ((f"parallel_hosts.{name}", one) for name, one in policy.parallel_hosts.items())
    if policy.max_unavailable_per_domain is not None:
        yield "max_unavailable_per_domain", policy.max_unavailable_per_domain
    if policy.max_starts is not None:
        yield "max_starts.count", policy.max_starts.count


def _times(policy: Policy) -> Iterator[tuple[str, float]]:
    yield "dwell_s", policy.dwell_s
    if policy.drain_s is not None:
        yield "drain_s", policy.drain_s
    yield "soak_s", policy.soak_s
    yield from ((f"soak_s_of.{name}", time_s) for name, time_s in policy.soak_s_of.items())
    if policy.max_starts is not None:
        yield "max_starts.within_s", policy.max_starts.within_s


def _check_all_names(policy: Policy, view: View) -> None:
    entries = {entry.name for entry in view.catalog.entries}
    services = {one.name for entry in view.catalog.entries for one in entry.services}
    services |= view.members.keys()
    personalities = {one.value for one in Personality}
    _check_names("max_unavailable_of", policy.max_unavailable_of, services, "service")
    _check_names("parallel_hosts", policy.parallel_hosts, personalities, "personality")
    _check_names("soak_s_of", policy.soak_s_of, services | personalities, "service, personality")
    _check_names("carries_traffic", policy.carries_traffic, services | entries, "entry, service")
    known = services | entries | view.rank.keys()
    _check_names("prefer_first", policy.prefer_first, known, "entry, service, host")
    _check_names("prefer_last", policy.prefer_last, known, "entry, service, host")


def _check_names(key: str, found: Iterable[str], known: Iterable[str], noun: str) -> None:
    for name in found:
        if name not in known:
            raise UnknownName(
                name,
                f"no {noun.replace(', ', ' or ')} has this name, but the policy's {key} does",
                next_act=f"correct the name in {key}",
            )
