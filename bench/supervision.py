"""Death to restart begun, and restart asked to ready again: insvc beside its peers, in one run.

All of them supervise the same program. It is killed, and the supervisor's list of children in
/proc is read over and over until a new child stands in it: that is the restart begun, whatever the
program does afterwards. Then restarts are asked for, each in the supervisor's own way, and timed
until another process serves; what the program itself takes from its launch until it serves is
measured alone and taken off, and the rest is what the supervisor has added.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from bench.supervisors import ALL, NotMeasured, Supervisor
from bench.victims import Victim, end, time_restart_asked, time_restart_begun

KILLS = 30
RESTARTS = 20
PAUSE_S = 1.3
"""Long enough for every supervisor to call the start a success."""


class Figures(NamedTuple):
    """What was measured of one supervisor, in seconds, one for each time.

    Attributes:
        begun_s: from a death to the restart begun.
        asked_s: from asking for a restart to another process serving.
        own_s: from the program's launch by nobody to its serving.
    """

    begun_s: list[float]
    asked_s: list[float]
    own_s: list[float]


def measure(start: Callable[[Victim], Supervisor]) -> Figures:
    """Every time of one supervisor.

    Raises:
        NotMeasured: it cannot be had here.
    """
    with tempfile.TemporaryDirectory(prefix="insvc-bench-") as place:
        victim = Victim(Path(place))
        supervisor = start(victim)
        try:
            victim.wait_for_other(0)
            found = Figures([], [], [])
            for _ in range(KILLS):
                time.sleep(PAUSE_S)
                found.begun_s.append(time_restart_begun(victim, supervisor.seen))
            for _ in range(RESTARTS):
                time.sleep(PAUSE_S)
                found.own_s.append(victim.own_start_s())
                found.asked_s.append(time_restart_asked(victim, supervisor.restart))
            return found
        finally:
            end(supervisor.process, victim)


def report() -> Iterator[str]:
    """One line a supervisor and question, and the ratios."""
    medians: dict[str, tuple[float, float]] = {}
    for name, start in ALL.items():
        try:
            found = measure(start)
        except NotMeasured as why:
            yield f"{name}: not measured: {why}"
            continue
        begun_s, asked_s, own_s = (statistics.median(times) for times in found)
        medians[name] = (begun_s, asked_s - own_s)
        yield (
            f"death to restart begun, {name:<12} median {begun_s * 1000:8.2f} ms   "
            f"max {max(found.begun_s) * 1000:8.2f} ms   ({len(found.begun_s)} kills)"
        )
        yield (
            f"restart asked to ready, {name:<12} median {asked_s * 1000:8.2f} ms   "
            f"{(asked_s - own_s) * 1000:8.2f} ms more than the program takes alone"
        )
    begun_s, more_s = medians.pop("insvc")
    for name, (peer_begun_s, peer_more_s) in medians.items():
        yield (
            f"  {name} / insvc = {peer_begun_s / begun_s:.1f} from death to restart begun, "
            f"{peer_more_s / more_s:.1f} in what a restart takes more"
        )
