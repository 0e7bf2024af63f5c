"""What every manager of services must show: one suite for our own and, in the lab, for others'.

A stage is a manager at work with three services that run `PROGRAM`: `x`, `db`, and `api`, which
needs `db`. What a manager cannot do is said by its stage, with the reason, and nowhere skipped:
the suite then holds it to that reason being given.
"""

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

from insvc.model.manager_row import ManagerRow
from insvc.model.words import InstanceState

NAMES = ("x", "db", "api")
READY_AFTER_S = 0.3

PROGRAM = f"""import os, signal, socket, sys, time
name, place, address, port = sys.argv[1:5]
def tell(word):
    with open(place + "/events", "a") as file:
        file.write(word + " " + name + " " + str(os.getpid()) + "\\n")
def is_set(word):
    return os.path.exists(place + "/" + name + "." + word)
def end(*_):
    if not is_set("stubborn"):
        tell("end")
        os._exit(0)
signal.signal(signal.SIGTERM, end)
tell("start")
if is_set("broken"):
    sys.exit(1)
time.sleep({READY_AFTER_S})
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind((address, int(port)))
tell("ready")  # before anybody can see that it is
listener.listen()
if "INSVC_PIDFILE" in os.environ:
    with open(os.environ["INSVC_PIDFILE"], "w") as file:
        file.write(str(os.getpid()))
if "NOTIFY_SOCKET" in os.environ:
    notice = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notice.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"].replace("@", "\\0"))
while True:
    client, _ = listener.accept()
    with client:
        client.recv(4096)
        client.sendall(b"HTTP/1.0 200 OK\\r\\n\\r\\nok")
"""
"""Tells in `events` what it does; does as the files `NAME.broken` and `NAME.stubborn` want."""


class Told(NamedTuple):
    """A manager's answer to an order: done, why, and whether it refused before anything began."""

    done: bool
    said: str
    refused: bool = False


class Seen(NamedTuple):
    """One thing that a service did."""

    word: str
    name: str
    pid: int


class Stage(Protocol):
    """A manager at work.

    Attributes:
        cannot: why it lacks a behaviour, by the behaviour's name.
        patience_s: how long it may take for anything.
        most_failing_starts: how often it may try in vain before it says that a service has failed.
    """

    cannot: Mapping[str, str]
    patience_s: float
    most_failing_starts: int

    def look(self, name: str) -> ManagerRow:
        """What the manager says of the service."""
        ...

    def restart(self, name: str, *, with_dependants: bool = False) -> Told:
        """Order a restart and wait for its end."""
        ...

    def stop(self, name: str) -> None:
        """Let it be down, as an operator does."""
        ...

    def start(self, name: str) -> None:
        """Let it be up again, as an operator does."""
        ...

    def renew(self) -> None:
        """End the manager itself without a warning; return when its next life answers."""
        ...

    def events(self) -> list[Seen]:
        """What the services did, in order."""
        ...

    def set(self, name: str, word: str) -> None:
        """Let the service be `broken` or `stubborn`."""
        ...

    def unset(self, name: str, word: str) -> None:
        """Let it be so no more."""
        ...

    def kill(self, pid: int) -> None:
        """SIGKILL that process."""
        ...

    def is_alive(self, pid: int) -> bool:
        """Whether it runs."""
        ...


Behaviour = Callable[[Stage], None]


def until(stage: Stage, is_true: Callable[[], bool], what: str) -> None:
    """Return once it is true; an assertion that names what did not happen where it is not."""
    end = time.monotonic() + stage.patience_s
    while not is_true():
        assert time.monotonic() < end, f"not within {stage.patience_s:g} s: {what}"
        time.sleep(0.02)


def until_up(stage: Stage, name: str, *, other_than: int | None = None) -> int:
    """The main process of the service once it is up, and another than that."""

    def is_up() -> bool:
        row = stage.look(name)
        return row.state is InstanceState.RUNNING and row.pid not in {None, other_than}

    until(stage, is_up, f"{name} runs")
    pid = stage.look(name).pid
    assert pid is not None
    return pid


def starts(stage: Stage, name: str) -> int:
    """How often the service was started."""
    return sum(one.word == "start" and one.name == name for one in stage.events())


def a_look_tells_the_process_that_runs(stage: Stage) -> None:
    pid = until_up(stage, "x")
    assert Seen("ready", "x", pid) in stage.events()
    assert stage.is_alive(pid)


def stopped_it_is_down_and_told_so_and_started_it_is_up(stage: Stage) -> None:
    pid = until_up(stage, "x")
    stage.stop("x")
    until(stage, lambda: not stage.is_alive(pid), "x ends")
    until(stage, lambda: stage.look("x").state is InstanceState.STOPPED, "x is told as stopped")
    assert stage.look("x").pid is None
    assert stage.events().count(Seen("end", "x", pid)) == 1
    stage.start("x")
    again = until_up(stage, "x", other_than=pid)
    assert Seen("ready", "x", again) in stage.events()


def a_restart_is_over_when_another_process_is_ready(stage: Stage) -> None:
    before = until_up(stage, "x")
    told = stage.restart("x")
    seen = stage.events()
    after = stage.look("x")
    assert told.done, told.said
    assert after.state is InstanceState.RUNNING
    assert after.pid not in {before, None}
    assert seen[-1] == Seen("ready", "x", after.pid or 0)
    assert Seen("end", "x", before) in seen
    assert not stage.is_alive(before)


def a_death_is_met_once(stage: Stage) -> None:
    before, count = until_up(stage, "x"), starts(stage, "x")
    stage.kill(before)
    until_up(stage, "x", other_than=before)
    assert starts(stage, "x") == count + 1


def a_restart_with_dependants_takes_them_down_before_and_up_after(stage: Stage) -> None:
    before = {name: until_up(stage, name) for name in ("db", "api")}
    passed = len(stage.events())
    assert stage.restart("db", with_dependants=True).done
    after = {name: until_up(stage, name, other_than=before[name]) for name in before}
    assert [one for one in stage.events()[passed:] if one.name in before] == [
        Seen("end", "api", before["api"]),
        Seen("end", "db", before["db"]),
        Seen("start", "db", after["db"]),
        Seen("ready", "db", after["db"]),
        Seen("start", "api", after["api"]),
        Seen("ready", "api", after["api"]),
    ]


def a_restart_without_dependants_leaves_them_alone(stage: Stage) -> None:
    db, api = until_up(stage, "db"), until_up(stage, "api")
    passed = len(stage.events())
    assert stage.restart("db").done
    until_up(stage, "db", other_than=db)
    assert stage.look("api").pid == api
    assert {one.name for one in stage.events()[passed:]} == {"db"}


def a_restart_whose_start_fails_is_no_success(stage: Stage) -> None:
    pid = until_up(stage, "x")
    stage.set("x", "broken")
    told = stage.restart("x")
    assert not told.done, told.said
    assert not told.refused, told.said
    assert stage.look("x").state is not InstanceState.RUNNING
    stage.unset("x", "broken")
    stage.start("x")
    until_up(stage, "x", other_than=pid)


def a_service_that_cannot_start_is_paced_and_told_as_failed(stage: Stage) -> None:
    pid, count = until_up(stage, "x"), starts(stage, "x")

    def has_failed() -> bool:
        tries = starts(stage, "x") - count
        return tries > 0 and stage.look("x").state is InstanceState.FAILED

    stage.set("x", "broken")
    stage.kill(pid)
    until(stage, has_failed, "x is tried in vain and told as failed")
    assert starts(stage, "x") - count <= stage.most_failing_starts
    stage.unset("x", "broken")
    stage.start("x")
    until_up(stage, "x", other_than=pid)


def a_service_of_another_name_is_refused(stage: Stage) -> None:
    passed = len(stage.events())
    told = stage.restart("no-such")
    assert (told.done, told.refused) == (False, True)
    assert "no-such" in told.said
    assert len(stage.events()) == passed


def a_service_that_ignores_the_stop_is_ended_all_the_same(stage: Stage) -> None:
    before = until_up(stage, "x")
    stage.set("x", "stubborn")
    told = stage.restart("x")
    stage.unset("x", "stubborn")
    assert told.done, told.said
    assert not stage.is_alive(before)
    assert until_up(stage, "x") != before


def a_new_life_of_the_manager_restarts_nothing_and_watches_on(stage: Stage) -> None:
    before = {name: until_up(stage, name) for name in NAMES}
    passed = len(stage.events())
    stage.renew()
    assert {name: until_up(stage, name) for name in NAMES} == before
    assert len(stage.events()) == passed
    stage.kill(before["x"])
    until_up(stage, "x", other_than=before["x"])


BEHAVIOURS: tuple[Behaviour, ...] = (
    a_look_tells_the_process_that_runs,
    stopped_it_is_down_and_told_so_and_started_it_is_up,
    a_restart_is_over_when_another_process_is_ready,
    a_death_is_met_once,
    a_restart_with_dependants_takes_them_down_before_and_up_after,
    a_restart_without_dependants_leaves_them_alone,
    a_restart_whose_start_fails_is_no_success,
    a_service_that_cannot_start_is_paced_and_told_as_failed,
    a_service_of_another_name_is_refused,
    a_service_that_ignores_the_stop_is_ended_all_the_same,
    a_new_life_of_the_manager_restarts_nothing_and_watches_on,
)


def hold_to(stage: Stage, behaviour: Behaviour) -> None:
    """Let the manager show the behaviour, or its stage say why it has not got it."""
    name = behaviour.__name__
    if name in stage.cannot:
        assert len(stage.cannot[name]) > 20, f"{name}: no reason is given"
        return
    for service in NAMES:  # what still starts would tell of it among the events of the behaviour
        until_up(stage, service)
    behaviour(stage)
