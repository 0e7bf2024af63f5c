"""An independent judge of plans: runs one with any durations and looks at every instant.

It shares no code with the planner: it reads the plan's steps and `after` alone, starts a step when
everything it waits for has ended, and checks the laws from the observation and the catalog.
"""

from collections.abc import Iterator, Mapping

from insvc.catalog.entry import AtMostOneDown, AvoidTogether, Before, CarriesTraffic, Entry
from insvc.model.words import Action, InstanceState, Manager, Personality, Redundancy, Role
from insvc.plan.plan import Plan, Step
from tests.property.plan_clouds import Case

HOST_ACTIONS = {Action.SWACT, Action.LOCK, Action.UNLOCK}
Times = Mapping[str, tuple[float, float]]


def carry_out(plan: Plan, durations: Mapping[str, float]) -> Times:
    """(start, end) of each step when each starts as soon as its `after` and its pause allow."""
    left = {step.id: step for step in plan.steps}
    times: dict[str, tuple[float, float]] = {}
    while left:
        due = [step for step in left.values() if times.keys() >= set(step.after)]
        assert due, f"steps that wait for ever: {sorted(left)}"
        for step in due:
            del left[step.id]
            start = max((times[one][1] for one in step.after), default=0.0) + step.soak_s
            times[step.id] = (start, start + durations[step.id])
    return times


def allowed(limit: int | str, total: int) -> int:
    """A count, or a percentage of the total: rounded down, one at least."""
    if isinstance(limit, str):
        return max(1, int(float(limit.removesuffix("%")) / 100 * total))
    return limit


class Judge:
    """The laws, as seen from one case."""

    def __init__(self, case: Case, plan: Plan, times: Times) -> None:
        self.case = case
        self.plan = plan
        self.times = times
        self.entry_of = {
            service.name: entry for entry in case.catalog.entries for service in entry.services
        }
        self.seen = {one.host: one for one in case.observation.hosts}
        self.active = {name for name, one in self.seen.items() if one.role is Role.ACTIVE}
        self.active = self.active or {
            host.name
            for host in case.topology.hosts
            if host.personality.value == "controller" and self.seen[host.name].role is None
        }

    def broken(self) -> list[str]:
        """Every law that is broken, with when and where."""
        found = [*self._order(), *self._locks(), *self._coverage(), *self._pauses()]
        for now in sorted({time for pair in self.times.values() for time in pair}):
            found += self._members(now)
            found += self._hosts(now)
            found += self._company(now)
        return found

    def _under_way(self, now: float) -> list[Step]:
        return [
            step
            for step in self.plan.steps
            if self.times[step.id][0] <= now < self.times[step.id][1]
        ]

    def _ended(self, step_id: str, now: float) -> bool:
        return step_id in self.times and self.times[step_id][1] <= now

    def _locked_now(self, now: float) -> set[str]:
        return {
            step.host
            for step in self.plan.steps
            if step.action is Action.LOCK
            and self.times[step.id][0] <= now
            and not self._ended(f"unlock@{step.host}", now)
        }

    def _taken(self, now: float) -> set[tuple[str, str]]:
        """Instances that were up and that the plan holds down now."""
        taken = set()
        for step in self._under_way(now):
            if step.action in HOST_ACTIONS or step.action is Action.NEXT_RUN:
                continue
            if self._is_up(step.host, step.service):
                taken.add((step.host, step.service))
            if step.with_dependants:
                taken |= {
                    (step.host, one.service)
                    for one in self.seen[step.host].instances
                    if self._depends(self.entry_of[one.service], step.entry)
                    and self._is_up(step.host, one.service)
                }
        for host in self._locked_now(now):
            swacted = f"swact@{host}" in self.times
            taken |= {
                (host, one.service)
                for one in self.seen[host].instances
                if self._is_up(host, one.service)
                and not (
                    swacted and self.entry_of[one.service].redundancy is Redundancy.ACTIVE_STANDBY
                )
            }
        return taken

    def _is_up(self, host: str, service: str) -> bool:
        found = self.seen[host].instance(service)
        return found is not None and found.state is InstanceState.RUNNING

    def _depends(self, entry: Entry, on: str) -> bool:
        by_name = {one.name: one for one in self.case.catalog.entries}
        waiting, known = list(entry.depends_on), set[str]()
        while waiting:
            name = waiting.pop()
            if name == on:
                return True
            if name in by_name and name not in known:
                known.add(name)
                waiting.extend(by_name[name].depends_on)
        return False

    def _absent(self, entry: Entry, service: str, now: float) -> set[str]:
        """Hosts whose member was down when the plan was made and is missed still."""
        guarded = entry.redundancy is Redundancy.QUORUM or any(
            isinstance(rule, AtMostOneDown) and rule.service == service
            for rule in entry.special_handling
        )
        found = set()
        for host, seen in self.seen.items():
            one = seen.instance(service)
            if not seen.reachable:
                missed = guarded or entry.redundancy is not Redundancy.ACTIVE_STANDBY
            elif one is None or one.state is InstanceState.RUNNING:
                missed = False
            elif guarded:
                missed = True
            elif entry.redundancy is Redundancy.ACTIVE_STANDBY:
                resting = {
                    InstanceState.STOPPED,
                    InstanceState.DISABLED,
                    InstanceState.SCHEDULED,
                }
                missed = one.state not in resting and seen.role is not Role.STANDBY
            else:
                missed = not seen.locked and one.state is not InstanceState.SCHEDULED
            if missed and not self._ended(f"{service}@{host}", now):
                found.add(host)
        return found

    def _members(self, now: float) -> Iterator[str]:
        taken = self._taken(now)
        for service in {service for _, service in taken}:
            entry = self.entry_of[service]
            hosts = {host for host, one in taken if one == service}
            down = len(hosts | self._absent(entry, service, now))
            policy = self.case.policy
            total = len(self._having(service))
            limit = allowed(policy.max_unavailable_of.get(service, policy.max_unavailable), total)
            if any(
                isinstance(rule, AtMostOneDown) and rule.service == service
                for rule in entry.special_handling
            ):
                limit = min(limit, 1)
            if entry.redundancy is Redundancy.QUORUM:
                limit = min(limit, 1, total - (total // 2 + 1))
            if down > limit:
                yield f"{now}: {service}: {down} of {total} down, {limit} may be"
            yield from self._domains(service, hosts, hosts | self._absent(entry, service, now))

    def _having(self, service: str) -> set[str]:
        return {
            host
            for host, seen in self.seen.items()
            if not seen.reachable or seen.instance(service) is not None
        }

    def _domains(self, service: str, taken: set[str], down: set[str]) -> Iterator[str]:
        limit = self.case.policy.max_unavailable_per_domain
        domain_of = {host.name: host.failure_domain for host in self.case.topology.hosts}
        for domain in {domain_of[host] for host in taken} - {None}:
            total = sum(domain_of[host] == domain for host in self._having(service))
            found = sum(domain_of[host] == domain for host in down)
            if limit is not None and found > allowed(limit, total):
                yield f"{service}: {found} of {total} down in {domain}"

    def _pauses(self) -> Iterator[str]:
        """A pause after a step keeps its place taken."""
        policy = self.case.policy
        for service in {step.service for step in self.plan.steps} - {""}:
            soak = policy.soak_s_of.get(service, policy.soak_s)
            spans = [
                (self.times[step.id][0], self.times[step.id][1] + soak)
                for step in self.plan.steps
                if step.service == service
                and step.action is not Action.NEXT_RUN
                and f"lock@{step.host}" not in self.times
                and self._is_up(step.host, service)
            ]
            limit = allowed(
                policy.max_unavailable_of.get(service, policy.max_unavailable),
                len(self._having(service)),
            )
            for begins, _ in spans:
                at_once = sum(start <= begins < end - 1e-6 for start, end in spans)
                if at_once > limit:
                    yield f"{begins}: {service}: {at_once} at once, pauses counted"

    def _hosts(self, now: float) -> Iterator[str]:
        under_way = self._under_way(now)
        policy = self.case.policy
        for host in {step.host for step in under_way}:
            at_once = sum(step.host == host for step in under_way)
            if at_once > policy.parallel_services:
                yield f"{now}: {host}: {at_once} steps at once"
        for personality in Personality:
            room = policy.parallel_hosts.get(personality.value)
            all_hosts = sum(
                personality in {one.personality, *one.subfunctions}
                for one in self.case.topology.hosts
            )
            same = {
                step.host
                for step in under_way
                if self.case.topology.host(step.host).personality is personality
            }
            if room is not None and len(same) > allowed(room, all_hosts):
                yield f"{now}: {len(same)} {personality.value} hosts at once"

    def _company(self, now: float) -> Iterator[str]:
        under_way = [step for step in self._under_way(now) if step.action is not Action.NEXT_RUN]
        for step in under_way:
            if step.action in HOST_ACTIONS:
                continue
            entry = self.entry_of[step.service]
            avoided = {
                name
                for rule in entry.special_handling
                if isinstance(rule, AvoidTogether)
                for name in rule.entries
                if name != entry.name
            }
            for other in under_way:
                if other.entry in avoided and other.host in self.active:
                    yield f"{now}: {step.id} together with {other.id}"
            if self.carries(step) and len(under_way) > 1:
                yield f"{now}: {step.id} carries the traffic and is not alone"

    def carries(self, step: Step) -> bool:
        rules = self.entry_of[step.service].special_handling if step.service else ()
        return step.action is not Action.NEXT_RUN and any(
            isinstance(rule, CarriesTraffic) for rule in rules
        )

    def _order(self) -> Iterator[str]:
        acts = [
            step
            for step in self.plan.steps
            if step.action not in HOST_ACTIONS and step.action is not Action.NEXT_RUN
        ]
        in_service = [step for step in acts if f"lock@{step.host}" not in self.times]
        for first in in_service:
            for then in in_service:
                why = self.must_precede(first, then)
                if why and self.times[first.id][1] > self.times[then.id][0]:
                    yield f"{first.id} did not precede {then.id}: {why}"

    def must_precede(self, first: Step, then: Step) -> str:
        one, other = self.entry_of[first.service], self.entry_of[then.service]
        if first.service == then.service:
            return self._turn(first, then)
        if self.carries(then) and not self.carries(first):
            return "traffic last"
        if one.name == other.name:
            return ""
        if self._depends(other, one.name) and self.carries(first) <= self.carries(then):
            return "prerequisite first"
        same = first.host == then.host and first.host in self.active
        before = any(
            isinstance(rule, Before)
            and other.name in rule.entries
            and (same or rule.where == "everywhere")
            for rule in one.special_handling
        )
        return "before" if before else ""

    def _turn(self, first: Step, then: Step) -> str:
        """Between two members of one service, the second of them up."""
        if first.host == then.host or not self._is_up(then.host, then.service):
            return ""
        if not self._is_up(first.host, first.service):
            return "revived first"
        roles = (self.seen[first.host].role, self.seen[then.host].role)
        return "standby first" if roles == (Role.STANDBY, Role.ACTIVE) else ""

    def _locks(self) -> Iterator[str]:
        for step in self.plan.steps:
            if step.action in HOST_ACTIONS:
                continue
            entry = self.entry_of[step.service]
            start, _ = self.times[step.id]
            out = self.seen[step.host].locked or step.host in self._locked_now(start)
            is_job = entry.managed_by is Manager.CRON
            if is_job and step.action is not Action.NEXT_RUN:
                yield f"{step.id}: a job is restarted"
            if entry.in_service_patchable or out or is_job:
                continue
            if self._is_up(step.host, step.service):
                yield f"{step.id}: restarted in service"
        for host in {step.host for step in self.plan.steps if step.action is Action.LOCK}:
            if host in self.active and f"swact@{host}" not in self.times:
                yield f"lock@{host}: it is active still"

    def _coverage(self) -> Iterator[str]:
        steps = {(step.host, step.service) for step in self.plan.steps if step.service}
        named = {(one.host, one.service) for one in self.plan.omitted}
        for host, seen in self.seen.items():
            for one in seen.instances:
                key = (host, one.service)
                if one.evidence and key not in steps | named:
                    yield f"{key}: neither a step nor a reason why not"
                if key in steps & named:
                    yield f"{key}: a step and a reason why not"
                revives = one.state is InstanceState.FAILED
                if key in steps and not one.evidence and not revives:
                    yield f"{key}: a step and nothing stale"
