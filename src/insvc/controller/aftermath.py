"""What a run has left behind on its hosts: what a rollback plans by, and is judged by."""

from insvc.controller.session import Session
from insvc.execute.appraise import is_settled
from insvc.execute.run import RecordKind
from insvc.flow import observe_cloud
from insvc.model.observation import HostObservation, Observation
from insvc.model.words import InstanceState, Role

_SETTLES_S = 120.0
"""Managers give up a start or a stop in less: systemd after 90 s, where nobody says otherwise."""
_LOOK_AGAIN_S = 0.5
_DOWN = frozenset({InstanceState.STOPPED, InstanceState.FAILED, InstanceState.DISABLED})


async def observe_settled(session: Session) -> Observation:
    """What the hosts look like once nothing that the run acted on starts or stops, if in time.

    An act that took too long for its step may still be under way, and no plan touches what starts.
    A person who asks for a stop is not kept waiting.
    """
    world = session.world
    steps = [one for one in session.run.plan.steps if one.service]
    until = world.clock.now() + _SETTLES_S
    while True:
        seen = await observe_cloud(world.topology, world.agents)
        hosts = {one.host: one for one in seen.hosts}
        is_over = session.stopping or world.clock.now() >= until
        if is_over or all(is_settled(one, hosts[one.host]) for one in steps):
            return seen
        await world.clock.sleep(_LOOK_AGAIN_S)


async def still_down(session: Session) -> list[str]:
    """`service@host` of what the run's acts took down and nothing has brought back since.

    A host that stands by or is locked may keep it down.
    """
    touched: dict[str, set[str]] = {}
    for record in session.world.journal.read(session.run.run):
        if record.kind is RecordKind.STEP_ENDED and record.attempt:
            step = session.run.planned(record.step)
            lost = record.body.get("lost", ())
            touched.setdefault(step.host, set()).update((step.service, *lost))
    seen = await observe_cloud(session.world.topology, session.world.agents)
    return [
        f"{one.service}@{host.host}"
        for host in seen.hosts
        for one in host.instances
        if one.service in touched.get(host.host, ()) and one.state in _DOWN and not _rests(host)
    ]


def _rests(host: HostObservation) -> bool:
    return host.locked or host.role is Role.STANDBY
