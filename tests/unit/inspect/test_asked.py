"""Managers are asked of what is stale, and of all only where a name is known to a keeper alone."""

import pytest

from insvc.inspect.asked import names_to_ask
from insvc.inspect.evidence import Finding
from insvc.inspect.signs import Trace
from insvc.model.observation import Evidence, ProcessIdentity
from insvc.model.words import EvidenceKind

STALE = Finding(
    Evidence(kind=EvidenceKind.MAPPING_REPLACED, subject="/usr/lib/libx.so"), is_proof=True
)
CRON = "/system.slice/cron.service"


def trace(pid: int, group: str, *findings: Finding, name: str = "daemon", parent: int = 1) -> Trace:
    """A process."""
    identity = ProcessIdentity(boot_id="boot", pid=pid, start_ticks=pid)
    return Trace(identity, parent, group, name, findings)


INIT = trace(1, "/init.scope", name="systemd", parent=0)


def test_only_units_with_a_finding_are_asked_of() -> None:
    traces = [
        trace(1, "/init.scope", STALE, name="systemd", parent=0),
        trace(7, "/system.slice/a.service/worker", STALE),
        trace(8, "/system.slice/b.service"),
        trace(9, "/user.slice/user-1000.slice/session-3.scope", STALE),
        trace(10, "/", STALE),
    ]
    assert names_to_ask(traces) == {"init.scope", "a.service"}


def test_a_keeper_that_has_nothing_stale_costs_no_question() -> None:
    traces = [
        INIT,
        trace(7, CRON, name="cron"),
        trace(8, "/system.slice/a.service", STALE),
        trace(9, "/", STALE),
    ]
    assert names_to_ask(traces) == {"a.service"}


def test_a_keeper_that_is_stale_itself_is_a_unit_as_others_are() -> None:
    assert names_to_ask([INIT, trace(7, CRON, STALE, name="cron")]) == {"cron.service"}


def test_what_a_keeper_puts_above_each_job_is_part_of_the_job() -> None:
    traces = [INIT, trace(7, CRON, name="cron"), trace(8, CRON, STALE, name="cron", parent=7)]
    assert names_to_ask(traces) is None


def test_without_systemd_all_are_asked_of_for_what_is_in_no_group() -> None:
    assert names_to_ask([trace(1, "/", name="init"), trace(9, "/", STALE)]) is None
    assert names_to_ask([trace(9, "/", STALE)]) is None


@pytest.mark.parametrize("name", ["cron", "crond", "supervisord"])
def test_all_are_asked_of_where_something_stale_lies_in_a_keepers_group(name: str) -> None:
    traces = [trace(7, CRON, name=name), trace(8, f"{CRON}/deeper", STALE)]
    assert names_to_ask(traces) is None


def test_all_are_asked_of_where_a_keeper_started_what_is_stale_in_a_session() -> None:
    session = "/user.slice/user-0.slice/session-4.scope"
    traces = [
        trace(7, CRON, name="crond"),
        trace(8, session, parent=7),
        trace(9, session, STALE, parent=8),
    ]
    assert names_to_ask(traces) is None


def test_all_are_asked_of_where_a_keeper_of_nobody_runs_something_stale() -> None:
    traces = [trace(7, "/", name="supervisord"), trace(8, "/", STALE, parent=7)]
    assert names_to_ask(traces) is None


def test_a_cluster_may_own_any_unit() -> None:
    owner = trace(7, "/system.slice/pacemaker.service", name="pacemakerd")
    assert names_to_ask([owner, trace(8, "/system.slice/a.service", STALE)]) is None


def test_nobody_is_asked_where_nothing_has_a_finding() -> None:
    assert names_to_ask([]) == frozenset()
    assert names_to_ask([trace(7, CRON, name="cron"), trace(8, CRON, name="pacemakerd")]) == set()


def test_all_are_asked_of_where_no_systemd_keeps_units() -> None:
    traces = [trace(1, "/", name="init"), trace(8, "/", STALE)]
    assert names_to_ask(traces) is None
    assert names_to_ask(traces[:1]) == frozenset()


@pytest.mark.parametrize("name", ["pmond", "sm"])
def test_managers_of_starlingx_may_own_any_unit(name: str) -> None:
    owner = trace(7, "/system.slice/own.service", name=name)
    assert names_to_ask([owner, trace(8, "/system.slice/a.service", STALE)]) is None
