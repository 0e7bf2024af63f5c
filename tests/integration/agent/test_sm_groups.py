"""The groups of a real service manager whose services run, die and are repaired."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from insvc.adapters.launcher import Launcher
from insvc.agent.alarms import alarms_of
from insvc.agent.loop import Loop
from insvc.agent.sm_groups import Groups
from insvc.agent.supervisor import Supervisor
from insvc.model.sm_table import GroupRow, ServiceRow
from insvc.model.words import Manager, Role
from insvc.supervise.sm_completion import completed
from insvc.supervise.sm_tables import Group, GroupMember, Service, Tables
from tests.fakes.host_folder import HostFolder, looping, until

pytestmark = pytest.mark.integration
TABLES = Tables(
    groups=(Group(name="web", debounce_s=60.0), Group(name="quick", debounce_s=0.5)),
    group_members=(
        GroupMember(group="web", service="front"),
        GroupMember(group="web", service="extra", impact="minor"),
        GroupMember(group="quick", service="brief"),
    ),
    services=(Service(name="front"), Service(name="extra"), Service(name="brief")),
)


@dataclass(frozen=True)
class Found:
    """A service manager at work, and its groups."""

    sm: Supervisor
    groups: Groups

    def group(self, name: str) -> GroupRow:
        return next(one for one in self.sm.loop.call(self.groups.table).groups if one.name == name)

    def service(self, name: str) -> ServiceRow:
        return next(
            one for one in self.sm.loop.call(self.groups.table).services if one.name == name
        )


@contextmanager
def managing(folder: HostFolder, left_out: frozenset[str] = frozenset()) -> Iterator[Found]:
    loop = Loop()
    sm = Supervisor(Manager.SM, folder.path, loop, Launcher(folder.path, folder.host))
    groups = Groups(sm, lambda: TABLES, loop)
    sm.complete = lambda one: completed(one, TABLES)
    sm.unprovisioned = lambda: left_out
    sm.more_alarms = groups.refresh
    with looping(loop):
        loop.call(lambda: sm.begin(folder.host.initial_role))
        yield Found(sm, groups)
        sm.end_all(20.0)


def texts(folder: HostFolder) -> dict[str, str]:
    return {one.alarm.entity: one.alarm.text for one in alarms_of(folder.path).standing}


def kill(found: Found, name: str) -> None:
    pid = found.service(name).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    until(lambda: found.service(name).pid not in {pid, None})


def test_a_group_comes_up_with_its_services_and_goes_down_with_them(folder: HostFolder) -> None:
    folder.define("front", manager="sm", runs_when="active")
    folder.define("alone", manager="sm", runs_when="active")
    with managing(folder) as found:
        until(lambda: found.group("web").state == "active")
        row = found.service("front")
        assert (row.group, row.impact, row.desired) == ("web", "critical", "enabled-active")
        assert row.pidfile == "run/front.pid"
        assert row.process
        assert found.service("alone").group == ""
        assert [one.name for one in found.sm.loop.call(found.groups.table).groups] == ["web"]
        assert found.sm.take_role(Role.STANDBY, 20.0) == ()
        until(lambda: found.group("web").state == "standby")
        assert found.group("web").desired == "standby"
        assert (found.service("front").process, found.service("front").pid) == ("", None)
        found.sm.set_locked(locked=True, timeout_s=20.0)
        until(lambda: found.group("web").state == "disabled")


def test_a_group_fails_with_a_critical_service_and_is_well_once_health_is_proven(
    folder: HostFolder,
) -> None:
    budget = {"deaths": 1, "forgiven_each_s": 3600.0}
    folder.define("front", manager="sm", debounce_s=0.3, budget=budget)
    folder.define("extra", manager="sm")
    with managing(folder) as found:
        until(lambda: found.group("web").state == "active")
        kill(found, "front")
        until(lambda: found.service("front").state == "enabled-active")
        key = "host=h.service_group=web"
        until(lambda: key not in texts(folder))
        assert found.group("web").status == "none"
    changes = alarms_of(folder.path).changes
    raised = next(one for one in changes if one.alarm.entity == key)
    assert (raised.what, raised.alarm.severity) == ("raised", "critical")
    assert raised.alarm.text == "web is failed: front"


def test_a_failure_is_told_until_health_is_proven_or_its_debounce_is_over(
    folder: HostFolder,
) -> None:
    budget = {"deaths": 1, "forgiven_each_s": 3600.0}
    folder.define("front", manager="sm", debounce_s=3600.0, budget=budget)
    folder.define("brief", manager="sm", debounce_s=3600.0, budget=budget)
    with managing(folder) as found:
        until(lambda: found.group("web").state == found.group("quick").state == "active")
        kill(found, "front")
        kill(found, "brief")
        until(lambda: found.service("front").state == "enabled-active")
        until(lambda: found.service("brief").state == "enabled-active")
        until(lambda: found.group("quick").status == "none")
        until(lambda: found.group("web").blamed == ())
        assert found.group("web").status == "failed"
        until(lambda: "not proven well" in texts(folder).get("host=h.service_group=web", ""))
        assert "host=h.service_group=quick" not in texts(folder)


def test_a_minor_service_that_cannot_start_is_a_warning_and_is_given_up_in_the_end(
    folder: HostFolder,
) -> None:
    folder.define("front", manager="sm")
    budget = {"failed_actions": 1, "failed_transitions": 2}
    folder.define("extra", "fails", manager="sm", interval_s=0.01, budget=budget)
    with managing(folder) as found:
        until(lambda: found.service("extra").condition == "fatal-failure")
        row, group = found.service("extra"), found.group("web")
        assert (row.state, row.status, row.desired) == ("disabled", "failed", "enabled-active")
        assert (group.state, group.status, group.condition) == ("active", "warn", "fatal-failure")
        until(lambda: "given up" in texts(folder).get("host=h.service=extra", ""))
        assert folder.told().count("up extra") == 2


def test_what_is_not_in_use_is_kept_down_and_not_told(folder: HostFolder) -> None:
    folder.define("front", manager="sm")
    folder.define("brief", manager="sm")
    with managing(folder, frozenset({"brief"})) as found:
        until(lambda: found.group("web").state == "active")
        table = found.sm.loop.call(found.groups.table)
        assert [one.name for one in table.services] == ["front"]
        assert [one.name for one in table.groups] == ["web"]
    assert folder.told() == ["up front"]
