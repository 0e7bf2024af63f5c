"""`insvc.model.pmon_conf`: a process file is read whole, or all its faults are told at once."""

import pytest

from insvc.model.pmon_conf import KEYS, Reading, read_pmon_conf

PASSIVE = """; looked after by pid
[process]
process  = sm-api      ; its name
service  = sm-api.service
pidfile  = /var/run/sm-api.pid
severity = major
restarts = 3
interval = 5
debounce = 20
"""
ACTIVE = PASSIVE + "mode = active\nport = 2201\nperiod = 5\ntimeout = 4\nthreshold = 3\n"
STATUS = """[process]
process = ceph
script = /etc/init.d/ceph-wrapper
severity = major
restarts = 3
interval = 30
period = 30
timeout = 120
start_arg = start
status_arg = status
status_failure_text = /tmp/ceph_status_failure.txt
mode = status
"""


def line_of(text: str, words: str) -> int:
    """The number of the first line with these words."""
    return next(n for n, line in enumerate(text.splitlines(), start=1) if words in line)


def faults(text: str) -> tuple[str, ...]:
    """What is wrong with a text, which must be something."""
    found = read_pmon_conf(text)
    assert found.conf is None
    return found.faults


def test_a_file_without_a_mode_is_looked_after_by_pid() -> None:
    found = read_pmon_conf(PASSIVE)
    assert (found.faults, found.notes, found.process) == ((), (), "sm-api")
    conf = found.conf
    assert conf is not None
    assert (conf.mode, conf.style, conf.service, conf.script) == ("passive", "lsb", "sm-api", None)
    assert (conf.restarts, conf.interval_s, conf.debounce_s, conf.startup_s) == (3, 5, 20, 1)
    assert (conf.subfunction, conf.is_essential, conf.announces_init) == (None, False, False)
    assert conf.pidfile == "/var/run/sm-api.pid"


def test_keys_of_a_mode_may_stand_before_the_mode() -> None:
    lines = ACTIVE.splitlines()
    first, last = lines[:2], lines[2:]
    assert read_pmon_conf("\n".join([*first, *reversed(last)]) + "\n") == read_pmon_conf(ACTIVE)
    conf = read_pmon_conf(ACTIVE).conf
    assert conf is not None
    assert (conf.port, conf.period_s, conf.timeout_s, conf.threshold) == (2201, 5, 4, 3)


def test_what_a_script_judges_needs_no_pid_file() -> None:
    conf = read_pmon_conf(STATUS).conf
    assert conf is not None
    assert (conf.mode, conf.pidfile, conf.start_arg, conf.status_arg) == (
        "status",
        None,
        "start",
        "status",
    )
    assert conf.failure_text == "/tmp/ceph_status_failure.txt"
    assert (conf.period_s, conf.timeout_s) == (30, 120)


def test_further_keys_are_taken() -> None:
    more = "startuptime = 15\nsubfunction = compute\nquorum = 1\nfull_init_reqd = 1\nstyle = lsb\n"
    conf = read_pmon_conf(ACTIVE + more).conf
    assert conf is not None
    assert (conf.startup_s, conf.subfunction, conf.is_essential, conf.announces_init) == (
        15,
        "worker",
        True,
        True,
    )


def test_all_faults_are_told_at_once_and_where_they_are() -> None:
    text = (
        "[process]\nprocess = ../x\nseverity = grave\nrestarts = often\ninterval = -1\n"
        "mode = active\nperiod = 121\ntimeout = 0\nport = 70000\nhalf a li\n"
    )
    assert faults(text) == (
        "line 10: found 'half a li', expected `key = value`",
        "lacks pidfile, debounce, threshold",
        "line 2: found '../x' as process, expected a plain word",
        "line 3: found 'grave' as severity, expected critical or major or minor",
        "line 4: found 'often' as restarts, expected a whole number from 0 to 1000",
        "line 5: found '-1' as interval, expected a whole number from 0 to 86400",
        "line 7: found '121' as period, expected a whole number from 1 to 120",
        "line 8: found '0' as timeout, expected a whole number from 1 to 86400",
        "line 9: found '70000' as port, expected a whole number from 1 to 65535",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has nothing in a section [process]"),
        ("[other]\nprocess = x\n", "has nothing in a section [process]"),
        (PASSIVE.replace("pidfile  = /var", "pidfile  = /../var"), "expected the path of a file"),
        (PASSIVE.replace("= /var/run/sm-api.pid", "= /"), "expected the path of a file"),
        (PASSIVE + "mode = ignore\n", "found 'ignore' as mode"),
        (PASSIVE + "startuptime = 99999999999999999999\n", "as startuptime, expected a whole"),
        (PASSIVE + "restarts = 4\n", "found '4' as restarts, but line 7 says '3'"),
        (PASSIVE + "style = ocf\n", "style ocf needs a script"),
        (PASSIVE + "style = ocf\nscript = /x\n", "an agent's path ends in PROVIDER/TYPE"),
        (PASSIVE + "quorum = yes\n", "found 'yes' as quorum, expected 0 or 1"),
        (PASSIVE + "quorum\0 = 1\n", "expected `key = value`"),
        (ACTIVE.replace("timeout = 4", "timeout = 6"), "expected at most the period of 5"),
        (STATUS.replace("period = 30\n", ""), "lacks period"),
        (PASSIVE.replace("= 20", "="), "lacks debounce"),
    ],
)
def test_what_cannot_be_looked_after_is_told(text: str, said: str) -> None:
    assert any(said in one for one in faults(text)), faults(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colour = 1\n", "line 10: nobody knows the key colour"),
        ("restarts = 3\n", "line 10: restarts was said in line 7 already"),
        ("port = 2201\n", "line 10: port means nothing in passive mode"),
        ("[else]\nmode = status\n", "line 11: mode stands outside of [process]: not read"),
        ("quorum = 1", "ends within a line: it may be half written"),
    ],
)
def test_what_is_odd_and_changes_nothing_is_noted(text: str, said: str) -> None:
    found = read_pmon_conf(PASSIVE + text)
    assert found.faults == ()
    assert found.notes == (said,)


def test_an_agent_is_named_by_the_path_of_its_script() -> None:
    text = PASSIVE + "style = ocf\nscript = /usr/lib/ocf/resource.d/platform/fm-api\n"
    assert read_pmon_conf(text).faults == ()


def test_the_name_and_severity_of_a_faulty_file_are_told_where_they_can_be_read() -> None:
    found = read_pmon_conf(PASSIVE.replace("debounce = 20\n", ""))
    assert (found.process, found.severity) == ("sm-api", "major")
    unread = read_pmon_conf("[process]\nprocess = a/b\nseverity = grave\n")
    assert unread == Reading(process=None, severity=None, conf=None, faults=unread.faults, notes=())


def test_every_key_of_the_table_is_known() -> None:
    assert len(KEYS) == 21
    assert line_of(PASSIVE, "restarts") == 7
