"""What systemd's properties say of a unit."""

from insvc.inspect.systemd_unit import ENDLESS, UnitFacts, unit_facts

RECORDED = {
    "ActiveEnterTimestampMonotonic": 28915000000,
    "ActiveExitTimestampMonotonic": 0,
    "ActiveState": "active",
    "After": ["system.slice", "rsyslog.service"],
    "BindsTo": [],
    "BoundBy": ["tied.service"],
    "CanReload": True,
    "ConsistsOf": ["part.service"],
    "Description": "HAProxy Load Balancer",
    "Id": "haproxy.service",
    "InactiveExitTimestampMonotonic": 28914000000,
    "InvocationID": b"\xba\x62\xa4",
    "Job": (0, "/"),
    "LoadState": "loaded",
    "Markers": ["needs-restart"],
    "NeedDaemonReload": True,
    "RefuseManualStart": True,
    "RefuseManualStop": True,
    "RequiredBy": ["user.service"],
    "Requires": ["sysinit.target", "system.slice"],
    "StartLimitBurst": 5,
    "StartLimitIntervalUSec": 10000000,
    "SubState": "running",
    "Transient": True,
    "TriggeredBy": ["a.socket", "b.timer", "c.path"],
    "UnitFileState": "enabled",
    "ControlGroup": "/system.slice/haproxy.service",
    "ExecMainCode": 1,
    "ExecMainStartTimestampMonotonic": 28914500000,
    "ExecMainStatus": 3,
    "ExecReload": [("/bin/kill", ["/bin/kill", "-USR2", "$MAINPID"], False)],
    "ExecStart": [("/usr/sbin/haproxy", ["haproxy", "-Ws"], False, 0), (), ("", [])],
    "MainPID": 36,
    "NRestarts": 2,
    "RemainAfterExit": True,
    "Restart": "always",
    "Result": "success",
    "TimeoutStartUSec": ENDLESS,
    "TimeoutStopUSec": 90000000,
    "Type": "notify",
}


def test_recorded_properties_become_facts() -> None:
    facts = unit_facts(RECORDED)
    assert facts == UnitFacts(
        name="haproxy.service",
        title="HAProxy Load Balancer",
        load="loaded",
        active="active",
        sub="running",
        file="enabled",
        kind="notify",
        pid=36,
        restarts=2,
        invocation="ba62a4",
        cgroup="/system.slice/haproxy.service",
        result="success",
        exit_code="exit status 3",
        restart_policy="always",
        requires=("sysinit.target", "system.slice"),
        after=("system.slice", "rsyslog.service"),
        required_by=("user.service",),
        consists_of=("part.service",),
        bound_by=("tied.service",),
        triggered_by=("a.socket", "b.timer", "c.path"),
        start=(("/usr/sbin/haproxy", "-Ws"),),
        reload=(("/bin/kill", "-USR2", "$MAINPID"),),
        can_reload=True,
        stays=True,
        is_transient=True,
        refuses_stop=True,
        refuses_start=True,
        needs_daemon_reload=True,
        markers=("needs-restart",),
        burst=5,
        interval_s=10.0,
        stop_limit_s=90.0,
        began_at=28914.0,
        ready_at=28915.0,
        main_at=28914.5,
    )


def test_nothing_told_is_no_unit() -> None:
    assert unit_facts({}) == UnitFacts(name="")
    assert not unit_facts({}).is_there


def test_a_property_of_another_type_is_as_if_it_were_not_there() -> None:
    wrong = unit_facts({"Id": 3, "MainPID": True, "CanReload": 1, "After": "all", "Markers": [1]})
    assert wrong == UnitFacts(name="")


def test_a_list_of_bytes_is_an_invocation_too() -> None:
    assert unit_facts({"InvocationID": [1, 171]}).invocation == "01ab"


def test_a_limit_of_no_time_is_none() -> None:
    assert unit_facts({"TimeoutStopUSec": 0}).stop_limit_s is None


def test_a_job_under_way_is_seen_by_its_number() -> None:
    assert unit_facts({"Job": (7, "/job/7")}).job
    assert not unit_facts({"Job": ()}).job


def test_the_end_of_a_main_process_is_told_in_words() -> None:
    told = [unit_facts({"ExecMainCode": code, "ExecMainStatus": 9}).exit_code for code in range(5)]
    assert told == ["", "exit status 9", "signal 9", "signal 9", ""]


def test_a_unit_without_a_file_that_still_runs_is_there() -> None:
    gone = UnitFacts(name="a.service", load="not-found", active="inactive")
    runs = UnitFacts(name="a.service", load="not-found", active="active")
    assert (gone.is_there, runs.is_there) == (False, True)


def test_what_starts_it_is_told_apart() -> None:
    facts = unit_facts(RECORDED)
    assert facts.timers == ("b.timer",)
    assert facts.sockets == ("a.socket",)


def test_what_runs_to_an_end_is_a_job() -> None:
    assert UnitFacts(name="a.service", kind="oneshot").is_job
    assert UnitFacts(name="a.service", kind="simple", triggered_by=("a.timer",)).is_job
    assert not UnitFacts(name="a.service", kind="oneshot", stays=True).is_job
    assert not UnitFacts(name="a.service", kind="simple", triggered_by=("a.socket",)).is_job
