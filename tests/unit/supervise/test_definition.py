"""What a definition says where it says nothing."""

from insvc.model.words import Manager
from insvc.supervise.definition import ServiceDefinition


def test_a_short_definition_is_a_service_that_always_runs_and_may_fail_thrice() -> None:
    short = ServiceDefinition(
        name="x", manager=Manager.PMON, package="x", command=("usr/bin/x",), pidfile="run/x.pid"
    )
    assert (short.runs_when, short.restarts, short.depends_on) == ("always", 3, ())
    assert (short.drain.signal, short.drain.on_timeout) == ("TERM", "kill")
