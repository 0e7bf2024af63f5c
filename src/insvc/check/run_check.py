"""Judge a run by its records: the laws once more, now by what really overlapped."""

from collections.abc import Container, Sequence
from dataclasses import replace

from insvc.catalog.entry import Catalog
from insvc.check.capacity import check_members
from insvc.check.case import Case
from insvc.check.facts import make_facts
from insvc.check.hosts import check_locks, check_swacts
from insvc.check.loads import check_hosts, check_kinds
from insvc.check.order import make_order
from insvc.check.precedence import check_company, check_precedence
from insvc.check.record_order import check_records
from insvc.check.run_pacing import check_run_pacing
from insvc.check.violation import Violation
from insvc.execute.run import Record, RecordKind
from insvc.model.observation import HostObservation, Instance, Observation
from insvc.model.topology import Topology
from insvc.model.words import Action, InstanceState, Outcome, Role
from insvc.plan.plan import Plan, Step


def check_run(
    plan: Plan,
    records: Sequence[Record],
    catalog: Catalog,
    topology: Topology,
    observation: Observation,
) -> tuple[Violation, ...]:
    """Everything that was wrong with a run so far; empty where nothing was.

    Args:
        plan: what it was to carry out.
        records: all of its records, in their order.
        catalog: what is known of processes.
        topology: the hosts.
        observation: what was seen before it began; `seen_before` reconstructs it.
    """
    facts = make_facts(observation, catalog, topology)
    begun = _begun(plan, records)
    order, _ = make_order(_waits(records, begun, only_good=False))
    released, _ = make_order(_waits(records, begun, only_good=True))
    if order is None or released is None or any(one.host not in facts.hosts for one in begun):
        return tuple(check_records(plan, records))
    case = Case.of(facts, plan.policy, begun, order)
    budget = Case.of(facts, plan.policy, begun, released)
    told = (
        check_records(plan, records),
        check_locks(case),
        check_members(budget),
        check_precedence(case),
        check_company(case),
        check_swacts(case),
        check_kinds(case),
        check_hosts(case),
        check_run_pacing(plan, records, case),
    )
    return tuple(one for part in told for one in part)


def seen_before(plan: Plan, now: Observation) -> Observation:
    """What a plan was made from, as far as it tells and what is seen now allows."""
    running = {(one.host, one.service) for one in plan.steps if one.expects}
    running |= {(one.host, service) for one in plan.steps for service in one.cures}
    resting = {(one.to_host, service) for one in plan.steps for service in one.cures}
    roles: dict[str, Role] = {}
    for step in reversed(plan.steps):
        if step.action is Action.SWACT:
            roles[step.host] = Role.ACTIVE
            roles[step.to_host or ""] = Role.STANDBY
    return replace(
        now, hosts=tuple(_host_before(one, running, resting, roles) for one in now.hosts)
    )


def _host_before(
    seen: HostObservation,
    running: Container[tuple[str, str]],
    resting: Container[tuple[str | None, str]],
    roles: dict[str, Role],
) -> HostObservation:
    def before(one: Instance) -> Instance:
        key = (seen.host, one.service)
        if key in resting:
            return replace(one, state=InstanceState.STOPPED)
        return replace(one, state=InstanceState.RUNNING) if key in running else one

    instances = tuple(before(one) for one in seen.instances)
    return replace(seen, role=roles.get(seen.host, seen.role), instances=instances)


def _begun(plan: Plan, records: Sequence[Record]) -> list[Step]:
    started = {one.step for one in records if one.kind is RecordKind.STEP_STARTED}
    return [step for step in plan.steps if step.id in started]


def _waits(
    records: Sequence[Record], begun: Sequence[Step], *, only_good: bool
) -> dict[str, list[str]]:
    """Who had ended when each step began; a mark in the middle joins all ends so far.

    Args:
        records: of the run.
        begun: the steps that were begun.
        only_good: whether a step without success counts as under way for ever.
    """
    waits: dict[str, list[str]] = {}
    names = {step.id for step in begun}
    mark, fresh = "", list[str]()
    for record in records:
        if record.step not in names or record.kind is RecordKind.STEP_LOST:
            continue
        if record.kind is RecordKind.STEP_STARTED and record.step not in waits:
            if fresh:
                joined = f"({len(waits)} before {record.step})"
                waits[joined] = [*filter(None, [mark]), *fresh]
                mark, fresh = joined, []
            waits[record.step] = [mark] if mark else []
        elif record.kind is RecordKind.STEP_ENDED and (_is_good(record) or not only_good):
            fresh.append(record.step)
    return waits


def _is_good(record: Record) -> bool:
    """Whether a step's end is a success."""
    outcome = record.body.get("outcome")
    return outcome in set(Outcome) and Outcome(outcome).is_success
