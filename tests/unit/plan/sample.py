"""Small clouds to plan for, in few words."""

import dataclasses
from typing import Any

from insvc.catalog.entry import Catalog, Entry, Service
from insvc.model.observation import (
    Evidence,
    HostObservation,
    Instance,
    Observation,
    ProcessIdentity,
)
from insvc.model.topology import Host, Topology
from insvc.model.words import (
    EvidenceKind,
    InstanceState,
    Manager,
    Personality,
    Redundancy,
    Role,
    Verdict,
)
from insvc.plan.plan import Plan
from insvc.plan.planner import make_plan
from insvc.plan.policy import Policy
from insvc.plan.view import View, make_view

REPLACED = Evidence(
    kind=EvidenceKind.MAPPING_REPLACED,
    subject="/usr/lib/libx.so",
    found="fd01:1",
    expected="fd01:2",
    pid=7,
)
NEWER = Evidence(kind=EvidenceKind.PACKAGE_NEWER, subject="x", found="x 1.0", expected="x 1.1")
MAIN = ProcessIdentity(boot_id="boot", pid=7, start_ticks=100)

_PERSONALITIES = {
    "controller": Personality.CONTROLLER,
    "storage": Personality.STORAGE,
    "compute": Personality.WORKER,
    "host": Personality.HOST,
}


def entry(name: str, *services: str, **fields: Any) -> Entry:
    """An entry that may be restarted in service; its only service has its name by default."""
    chosen = {
        "title": name.title(),
        "function": "Serves.",
        "in_service_patchable": True,
        "managed_by": Manager.SM,
        "redundancy": Redundancy.PER_HOST,
        "runs_on": tuple(Personality),
        "services": tuple(Service(name=one) for one in services or (name,)),
        **fields,
    }
    return Entry(name=name, **chosen)


def stale(service: str, **fields: Any) -> Instance:
    """An instance that runs replaced code."""
    chosen = {
        "verdict": Verdict.STALE,
        "evidence": (REPLACED,),
        "processes": (MAIN,),
        "started_in_s": 1.0,
        **fields,
    }
    return Instance(service=service, **chosen)


def fresh(service: str, **fields: Any) -> Instance:
    """An instance that runs current code."""
    return Instance(service=service, processes=(MAIN,), **{"started_in_s": 1.0, **fields})


def failed(service: str) -> Instance:
    """An instance that should run and does not."""
    return Instance(service=service, state=InstanceState.FAILED)


def stopped(service: str, **fields: Any) -> Instance:
    """An instance that is not meant to run."""
    return Instance(service=service, state=InstanceState.STOPPED, **fields)


def job(service: str, **fields: Any) -> Instance:
    """A cron job between two runs whose package is newer than its last run."""
    chosen = {
        "manager": Manager.CRON,
        "state": InstanceState.SCHEDULED,
        "evidence": (NEWER,),
        **fields,
    }
    return Instance(service=service, **chosen)


class Cloud:
    """Hosts with what runs on them: `controller-0` is active, `controller-1` the standby."""

    def __init__(self, *entries: Entry) -> None:
        self.catalog = Catalog(name="sample", entries=entries)
        self.hosts: list[Host] = []
        self.seen: list[HostObservation] = []

    def host(self, name: str, *instances: Instance, **fields: Any) -> "Cloud":
        """Add a host; its personality follows from its name."""
        role = {"controller-0": Role.ACTIVE, "controller-1": Role.STANDBY}.get(name)
        domain = fields.pop("failure_domain", None)
        subfunctions = fields.pop("subfunctions", ())
        address = fields.pop("address", None)
        self.hosts.append(
            Host(
                name=name,
                personality=_PERSONALITIES[name.partition("-")[0]],
                failure_domain=domain,
                subfunctions=subfunctions,
                address=address,
            )
        )
        self.seen.append(
            HostObservation(host=name, instances=instances, **{"role": role, **fields})
        )
        return self

    @property
    def topology(self) -> Topology:
        """Its hosts."""
        return Topology(hosts=tuple(self.hosts))

    @property
    def observation(self) -> Observation:
        """What was seen on them."""
        return Observation(hosts=tuple(self.seen))

    def view(self) -> View:
        """Everything indexed."""
        return make_view(self.observation, self.catalog, self.topology)

    def plan(self, policy: Policy | None = None, **fields: Any) -> Plan:
        """The plan for it, under the default policy with these fields changed."""
        chosen = dataclasses.replace(policy or Policy(), **fields)
        return make_plan(self.observation, self.catalog, self.topology, chosen)


def ids(plan: Plan) -> list[str]:
    """The ids of its steps, in order."""
    return [step.id for step in plan.steps]


def precedes(plan: Plan, first: str, then: str) -> bool:
    """Whether `then` waits for `first`, directly or through others, whatever the times say."""
    after = {step.id: step.after for step in plan.steps}
    waiting = list(after[then])
    seen: set[str] = set()
    while waiting:
        step = waiting.pop()
        if step == first:
            return True
        if step not in seen:
            seen.add(step)
            waiting.extend(after[step])
    return False


def omitted(plan: Plan) -> dict[str, str]:
    """Reasons by `service@host`."""
    return {f"{one.service}@{one.host}": one.reason for one in plan.omitted}
