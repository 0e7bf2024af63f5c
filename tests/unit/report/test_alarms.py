"""Alarms of the cloud as a whole, and how all are told."""

from dataclasses import replace

import pytest

from insvc.execute.run import RunSummary
from insvc.model.alarm import (
    NO_ANSWER,
    NO_REDUNDANCY,
    PATCH_FAILED,
    PATCH_IN_PROGRESS,
    PROCESS_FAILED,
    Alarm,
    AlarmChange,
    Severity,
    StandingAlarm,
)
from insvc.model.observation import HostObservation, Instance, Observation
from insvc.model.topology import Host, Topology
from insvc.model.words import Personality, Role, Verdict
from insvc.report.alarms import health, history_lines, list_lines, of_cloud, stand_on

PAIR = Topology(
    hosts=(
        Host(name="c0", personality=Personality.CONTROLLER),
        Host(name="c1", personality=Personality.CONTROLLER),
    )
)
ACTIVE = HostObservation(host="c0", role=Role.ACTIVE)
STANDBY = HostObservation(host="c1", role=Role.STANDBY)


def numbers(*hosts: HostObservation, topology: Topology = PAIR) -> list[str]:
    """The numbers of the alarms of a cloud that looks like this."""
    return [one.alarm for one in of_cloud(topology, Observation(hosts=hosts), ())]


def test_a_cloud_in_order_has_no_alarm() -> None:
    assert numbers(ACTIVE, STANDBY) == []


def test_a_silent_standby_is_two_alarms() -> None:
    silent = replace(STANDBY, role=None, reachable=False)
    assert numbers(ACTIVE, silent) == [NO_ANSWER, NO_REDUNDANCY]


def test_a_locked_standby_does_not_stand_by() -> None:
    assert numbers(ACTIVE, replace(STANDBY, locked=True)) == [NO_REDUNDANCY]


def test_a_controller_alone_is_not_meant_to_be_a_pair() -> None:
    assert numbers(ACTIVE, topology=Topology(hosts=PAIR.hosts[:1])) == []


def test_while_a_host_is_silent_nobody_says_that_its_patch_is_through() -> None:
    stale = replace(ACTIVE, instances=(Instance(service="vim", verdict=Verdict.STALE),))
    before = of_cloud(PAIR, Observation(hosts=(stale, STANDBY)), ())
    silent = Observation(hosts=(HostObservation(host="c0", reachable=False), STANDBY))
    found = of_cloud(PAIR, silent, ())
    assert stand_on(before, found, silent) == (*found, *before)
    assert stand_on(found, found, silent) == found
    again = of_cloud(PAIR, Observation(hosts=(stale, silent.hosts[0])), ())
    assert stand_on(before, again, silent) == again
    assert stand_on(before, (), Observation(hosts=(ACTIVE, STANDBY))) == ()


def test_what_a_silent_host_holds_is_unknown_and_never_none() -> None:
    unknown = {"c0": "its agent cannot be reached"}
    line = "unknown   c0: its agent cannot be reached"
    assert list_lines([], unknown) == history_lines([], unknown) == [line]


def test_replaced_code_that_runs_is_a_patch_half_way() -> None:
    stale = replace(ACTIVE, instances=(Instance(service="vim", verdict=Verdict.STALE),))
    (found,) = of_cloud(PAIR, Observation(hosts=(stale, STANDBY)), ())
    assert (found.alarm, found.text) == (
        PATCH_IN_PROGRESS,
        "1 instance on 1 host run replaced code",
    )


@pytest.mark.parametrize(
    ("states", "raised"),
    [
        (["failed"], True),
        (["rolled-back"], True),
        (["succeeded", "failed"], False),
        (["running", "failed"], True),
        ([], False),
    ],
)
def test_only_the_newest_run_that_has_ended_counts(states: list[str], raised: bool) -> None:
    runs = [
        RunSummary(run=f"r{number}", state=state, created_at=0.0, steps=1, ended=1)
        for number, state in enumerate(states)
    ]
    found = of_cloud(PAIR, Observation(hosts=(ACTIVE, STANDBY)), runs)
    assert [one.alarm for one in found] == [PATCH_FAILED] * raised


def test_the_worst_alarm_is_told_first_with_what_to_do() -> None:
    silent = replace(STANDBY, role=None, reachable=False)
    alarms = of_cloud(PAIR, Observation(hosts=(ACTIVE, silent)), ())
    worst = replace(alarms[1], severity="critical")
    lines = list_lines(StandingAlarm(alarm=one, since=0.0) for one in (alarms[0], worst))
    assert lines[0] == ("critical  400.002  service_domain=controller  since 1970-01-01 00:00:00Z")
    assert lines[2] == "          next: unlock the other controller, or bring it back"
    assert lines[3].startswith("major     400.005  host=c1")


def test_where_nothing_stands_or_ever_stood_it_is_said() -> None:
    assert list_lines([]) == ["no alarm stands"]
    assert history_lines([]) == ["no alarm was ever raised"]


def test_history_is_told_in_the_order_of_time() -> None:
    silent = replace(STANDBY, role=None, reachable=False)
    one = of_cloud(PAIR, Observation(hosts=(ACTIVE, silent)), ())[0]
    late = AlarmChange(at=60.0, what="cleared", alarm=one)
    early = AlarmChange(at=0.0, what="raised", alarm=one)
    first, second = history_lines([late, early])
    assert first.startswith(
        "1970-01-01 00:00:00Z  raised   major     400.005  host=c1  c1 does not"
    )
    assert second.startswith("1970-01-01 00:01:00Z  cleared")


def test_a_host_is_as_well_as_the_processes_of_its_pmon() -> None:
    def of(host: str, severity: Severity, number: str = PROCESS_FAILED) -> Alarm:
        return Alarm(
            alarm=number,
            entity=f"host={host}.process=x",
            severity=severity,
            text="x failed",
            next_act="look",
        )

    alarms = [
        of("a", "minor"),
        of("b", "major"),
        of("c.d", "critical"),
        of("c.d", "major"),
        of("e", "critical", NO_ANSWER),
    ]
    assert health(alarms) == {"b": "degraded", "c.d": "failed"}
    assert health(reversed(alarms)) == {"b": "degraded", "c.d": "failed"}
    lines = list_lines(StandingAlarm(alarm=one, since=0.0) for one in alarms)
    assert lines[-2:] == [
        "host b is degraded by what its processes are",
        "host c.d is failed by what its processes are",
    ]
