"""`insvc.supervise.pmon_conf`: every process file of the field becomes a definition."""

from dataclasses import replace

import pytest

from insvc.adapters.definitions import check_definition
from insvc.model.pmon_conf import read_pmon_conf
from insvc.model.words import Manager
from insvc.supervise.definition import ServiceDefinition
from insvc.supervise.pmon_conf import definition_of, is_of_file
from tests.fakes.pmon_confs import confs

CONFS = confs()


def defined(text: str) -> ServiceDefinition:
    """The definition of a text without faults."""
    reading = read_pmon_conf(text)
    assert reading.conf is not None, reading.faults
    return definition_of(reading.conf)


def with_pair(name: str, pair: str) -> ServiceDefinition:
    """The definition of a known file with one line more."""
    return defined(f"{CONFS[name]}{pair}\n")


@pytest.mark.parametrize("name", sorted(CONFS))
def test_every_file_of_the_field_is_read_whole(name: str) -> None:
    reading = read_pmon_conf(CONFS[name])
    assert (reading.faults, reading.notes) == ((), ())
    definition = defined(CONFS[name])
    assert (definition.name, definition.manager) == (name, Manager.PMON)
    check_definition(definition)


def test_what_packages_deliver_is_told_from_what_files_say() -> None:
    definition = defined(CONFS["sm"])
    assert is_of_file(definition)
    assert not is_of_file(replace(definition, package="sm"))


def test_a_unit_of_systemd_is_named_as_its_process_where_nothing_else_is() -> None:
    script = defined(CONFS["sm-api"]).script
    assert script is not None
    assert (script.style, script.name) == ("systemd", "sm-api.service")
    named = with_pair("sm-api", "service = other.service").script
    assert named is not None
    assert named.name == "other.service"


def test_a_script_is_preferred_to_a_unit() -> None:
    script = with_pair("nova-compute", "service = nova").script
    assert script is not None
    assert (script.style, script.name, script.has_process) == (
        "lsb",
        "etc/init.d/nova-startup",
        True,
    )


def test_an_agent_is_named_by_provider_and_type() -> None:
    text = CONFS["fm-api"].replace("= lsb", "= ocf") + "script=/usr/lib/ocf/resource.d/own/fm\n"
    script = defined(text).script
    assert script is not None
    assert (script.style, script.name) == ("ocf", "own:fm")


def test_times_and_counts_are_taken_over() -> None:
    found = defined(CONFS["ntpd"])
    assert (found.restarts, found.interval_s, found.debounce_s, found.startup_s) == (0, 10, 10, 180)
    assert found.pidfile == "var/run/ntpd.pid"
    assert (found.audit_s, found.active_check, found.status_check) == (0.0, None, None)
    assert found.script is not None
    assert found.script.start.timeout_s == 180.0
    assert found.script.start.retries == 0


def test_without_an_interval_there_is_still_a_pause() -> None:
    assert defined(CONFS["ovs-vswitchd"]).interval_s == 1.0


def test_active_mode_asks_by_datagrams() -> None:
    found = defined(CONFS["hbsClient"])
    check = found.active_check
    assert check is not None
    assert (check.port, check.period_s, check.timeout_s, check.threshold) == (2202, 5.0, 4.0, 3)
    assert (found.audit_s, found.audit_misses) == (5.0, 3)
    assert (found.announces_init, found.is_essential, found.subfunction) == (
        True,
        True,
        "last-config",
    )


def test_status_mode_asks_a_script() -> None:
    found = defined(CONFS["ceph"])
    check, script = found.status_check, found.script
    assert check is not None
    assert script is not None
    assert (check.period_s, check.timeout_s) == (30.0, 120.0)
    assert check.failure_text == "tmp/ceph_status_failure.txt"
    assert (script.has_process, script.start_word, script.status_word) == (False, "start", "status")
    assert (found.pidfile, found.audit_s, found.audit_misses) == ("", 30.0, 3)
    plain = defined(CONFS["ceph"].replace("status_failure_text", "unknown_key"))
    assert plain.status_check is not None
    assert plain.status_check.failure_text is None
