"""What the cloud's own journal teaches the next forecast."""

from insvc.controller.world import World
from insvc.execute.history import learn
from insvc.plan.history import History

LAST_RUNS = 5
"""How many runs are looked at: enough for a median, few enough to follow a change."""


def measured_so_far(world: World) -> History:
    """What the newest runs measured, by service or host action; empty before the first.

    Raises:
        CorruptStore: the journal cannot be trusted.
    """
    names = world.journal.names()[:LAST_RUNS]
    return learn(map(world.journal.read, names))
