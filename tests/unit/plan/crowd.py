"""Clouds with many hosts that are alike, and each stage on the way to their lines."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from insvc.model.observation import Instance, ProcessIdentity
from insvc.model.words import Action
from insvc.plan.alike import Folded, fold
from insvc.plan.lines import Layout, lay_out
from insvc.plan.needs import find_needs
from insvc.plan.pacing import Pace
from insvc.plan.plan import Line, Plan
from insvc.plan.planner import make_folded_plan
from insvc.plan.policy import Policy
from insvc.plan.precedence import order_entries
from insvc.plan.schedule import Schedule
from insvc.plan.shares import Shares, make_shares
from insvc.plan.stages import Draft, make_drafts
from insvc.plan.tasks import make_rooms, make_tasks
from insvc.plan.view import make_view
from tests.unit.plan.sample import Cloud

FEWEST = 3


def crowd(
    cloud: Cloud,
    count: int,
    *instances: Instance,
    kind: str = "compute",
    at: int = 0,
    **fields: Any,
) -> Cloud:
    """Add so many hosts that are alike, each with processes of its own, from number `at` on."""
    for number in range(at, at + count):
        name = f"{kind}-{number}"
        own = (ProcessIdentity(boot_id=name, pid=7, start_ticks=1),)
        cloud.host(name, *(dataclasses.replace(one, processes=own) for one in instances), **fields)
    return cloud


def folded(cloud: Cloud, fewest: int = FEWEST, **policy: Any) -> Folded:
    """The cloud with one host in place of all that are alike."""
    return fold(cloud.observation, cloud.catalog, cloud.topology, Policy(**policy), fewest)


def kinds(cloud: Cloud, **policy: Any) -> dict[str, list[str]]:
    """Which hosts are taken as one, by the first of them."""
    found = folded(cloud, **policy).crowds.kinds
    return {first: [one.host for one in alike] for first, alike in found.items()}


def folded_plan(cloud: Cloud, fewest: int = FEWEST, **policy: Any) -> Plan:
    """The plan with the steps of hosts that are alike in lines."""
    return make_folded_plan(
        cloud.observation, cloud.catalog, cloud.topology, Policy(**policy), fewest=fewest
    )


def only_line(plan: Plan) -> Line:
    """The one line of a plan."""
    (line,) = plan.lines
    return line


@dataclass(frozen=True)
class Stages:
    """What becomes of a cloud on the way to its lines."""

    shares: Shares
    drafts: tuple[Draft, ...]
    layout: Layout


def stages(cloud: Cloud, **chosen: Any) -> Stages:
    """The cloud, divided, scheduled, drafted and laid out, as a plan does it."""
    policy = Policy(**chosen)
    once = folded(cloud, **chosen)
    view = make_view(once.observation, cloud.catalog, once.topology, None, once.crowds)
    needs, _ = find_needs(view, policy)
    acts = [need for need in needs if need.action is not Action.NEXT_RUN]
    precedence = order_entries(view, acts, policy.carries_traffic)
    tasks = make_tasks(view, needs, policy)
    rooms, _ = make_rooms(view, tasks, policy)
    shares = make_shares(view, tasks, rooms, policy)
    schedule = Schedule(view, Pace(policy), precedence, shares)
    for is_last in (False, True):
        mine = [task for task in tasks if (task.need.entry.name in precedence.last) is is_last]
        schedule.place(mine, is_last=is_last)
    drafts = tuple(make_drafts(view, schedule.placed, precedence, shares))
    layout = lay_out(view, schedule.placed, drafts, policy, schedule.tails())
    return Stages(shares=shares, drafts=drafts, layout=layout)
