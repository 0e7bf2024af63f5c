"""`insvc.inspect.starlingx_pmon`: files of the process monitor, as it reads them itself."""

import pytest

from insvc.inspect.starlingx_pmon import Held, entry_of, read_monitored, row_of
from insvc.model.words import InstanceState, Manager, Personality

TEXT = """; told by the page
[other]
process = none
[process]
process  = sm-api ; name of process
service=sm-api.service
style    = lsb          ; ocf or lsb
pidfile  = /var/run/sm-api.pid
severity = major
restarts = 3
interval = 5
debounce = 20
"""


def test_a_file_tells_what_pmon_keeps_alive() -> None:
    found = read_monitored(TEXT)
    assert (found.name, found.unit, found.mode) == ("sm-api", "sm-api", "passive")
    assert found.pidfile == "/var/run/sm-api.pid"
    assert (found.startup_s, found.debounce_s) == (1.0, 20.0)
    assert found.waits_for is None
    assert not found.is_essential


def test_further_keys_are_read_wherever_the_mode_stands() -> None:
    found = read_monitored(
        TEXT + "startuptime = 86400\nsubfunction = last-config\nquorum = 1\nmode = active\n"
        "port = 2201\nperiod = 5\ntimeout = 4\nthreshold = 3\n"
    )
    assert found.startup_s == 3600.0
    assert found.waits_for == "/var/run/.last_config_config_complete"
    assert found.is_essential
    assert found.mode == "active"


def test_what_is_looked_at_by_a_script_has_no_pid_file() -> None:
    found = read_monitored(
        "[process]\nprocess=ceph\nscript=/etc/init.d/x\nseverity=major\nrestarts=3\n"
        "interval=30\nmode=status\npidfile=/ignored\nperiod=30\ntimeout=120\n"
        "start_arg=start\nstatus_arg=status\n"
    )
    assert (found.mode, found.pidfile, found.unit) == ("status", None, "ceph")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "lacks process, severity, restarts, interval, pidfile, debounce"),
        (TEXT.replace("pidfile  =", "pidfiles ="), "lacks pidfile: pmond passes over it"),
        (TEXT.replace("major", "grave"), "'grave' as severity"),
        (TEXT + "mode = lazy\n", "'lazy' as mode"),
        (TEXT + "mode = status\n", "lacks script"),
        (TEXT.replace("= sm-api ;", "= ../x ;"), "'../x' as process"),
        (TEXT.replace("=sm-api.service", "=a b"), "'a b' as service"),
        (TEXT + "startuptime = soon\n", "'soon' as startuptime"),
    ],
)
def test_what_pmon_passes_over_is_told_and_not_guessed_at(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_monitored(text)


@pytest.mark.parametrize(
    ("held", "state", "desired"),
    [
        (Held(pid=7, group="/x", restarts=2), InstanceState.RUNNING, InstanceState.RUNNING),
        (Held(), InstanceState.FAILED, InstanceState.RUNNING),
        (Held(is_waiting=True), InstanceState.STOPPED, InstanceState.STOPPED),
        (Held(pid=7, is_waiting=True), InstanceState.RUNNING, InstanceState.RUNNING),
    ],
)
def test_a_row_tells_what_was_found(
    held: Held, state: InstanceState, desired: InstanceState
) -> None:
    row = row_of(read_monitored(TEXT), held)
    assert (row.name, row.manager, row.state, row.desired) == (
        "sm-api",
        Manager.PMON,
        state,
        desired,
    )
    assert (row.pid, row.cgroup, row.restarts) == (held.pid, held.group, held.restarts)


def test_an_entry_warns_of_what_is_essential() -> None:
    entry = entry_of(read_monitored(TEXT))
    assert (entry.name, entry.managed_by, entry.runs_on) == (
        "sm-api",
        Manager.PMON,
        (Personality.HOST,),
    )
    assert entry.impact.note == ""
    assert entry.provenance["services"] == "discovered: /etc/pmon.d"
    assert "rebooted" in entry_of(read_monitored(TEXT + "quorum=1\n")).impact.note
