"""What became of the cloud while a run went on: hosts that joined or left, code replaced again."""

from insvc.execute.again import stale_again
from insvc.execute.state import Run
from insvc.model.observation import HostObservation, Observation
from insvc.report.wording import count


def tell_aftermath(run: Run, after: Observation | None) -> tuple[str, ...]:
    """One sentence for each change that the run's own steps do not tell.

    Args:
        run: the records replayed.
        after: what the hosts looked like afterwards; absent when nobody looked.
    """
    if after is None:
        return ()
    return (*_hosts(run, after), *_again(run, after))


def _hosts(run: Run, after: Observation) -> list[str]:
    """Nothing where it was not written down who answered when the run began."""
    if not run.hosts:
        return []
    joined = [one for one in after.hosts if one.reachable and one.host not in run.hosts]
    left = [one.host for one in after.hosts if not one.reachable and one.host in run.hosts]
    told = [
        f"{one.host} joined, or came back, after the run had begun: {_stale(one)}" for one in joined
    ]
    told += [f"{name} answered when the run began and does not any more" for name in left]
    return told


def _stale(host: HostObservation) -> str:
    stale = len(Observation(hosts=(host,)).stale())
    if not stale:
        return "nothing runs replaced code there"
    return f"{count(stale, 'instance')} there run replaced code; restart with `insvc restart`"


def _again(run: Run, after: Observation) -> list[str]:
    names = stale_again(run, after)
    return [
        f"{name} was restarted by this run and is stale again: its code was replaced once more "
        "meanwhile; restart it with `insvc restart`"
        for name in names
    ]
