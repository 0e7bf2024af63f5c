"""Exactly one owner of every process."""

from insvc.catalog.account import Account
from insvc.catalog.entry import Entry, Service
from insvc.inspect.owners import merge
from insvc.model.manager_row import ManagerRow
from insvc.model.words import InstanceState, Manager


def row(name: str, manager: Manager, cgroup: str | None = None) -> ManagerRow:
    return ManagerRow(name=name, manager=manager, state=InstanceState.RUNNING, cgroup=cgroup)


def entry(name: str, service: str, manager: Manager) -> Entry:
    return Entry(
        name=name,
        title=name,
        function="",
        in_service_patchable=True,
        managed_by=manager,
        services=(Service(name=service),),
    )


def test_a_unit_that_pacemaker_starts_is_pacemakers() -> None:
    ours = Account(
        rows=(row("web", Manager.PACEMAKER, "/system.slice/haproxy.service"),),
        entries=(entry("web", "web", Manager.PACEMAKER),),
    )
    units = Account(
        rows=(
            row("haproxy.service", Manager.SYSTEMD, "/system.slice/haproxy.service"),
            row("cron.service", Manager.SYSTEMD, "/system.slice/cron.service"),
        ),
        entries=(
            entry("haproxy", "haproxy.service", Manager.SYSTEMD),
            entry("cron", "cron.service", Manager.SYSTEMD),
        ),
    )
    merged = merge((ours, units))
    assert [one.name for one in merged.rows] == ["web", "cron.service"]
    assert [one.name for one in merged.entries] == ["web", "cron"]


def test_units_without_a_control_group_do_not_displace_each_other() -> None:
    merged = merge([Account(rows=(row("a", Manager.LSB), row("b", Manager.LSB)))])
    assert [one.name for one in merged.rows] == ["a", "b"]


def test_the_same_name_is_told_once_by_its_first_owner() -> None:
    merged = merge(
        (
            Account(
                rows=(row("x", Manager.SUPERVISORD),),
                entries=(entry("x", "x", Manager.SUPERVISORD),),
                unseen=("one",),
            ),
            Account(
                rows=(row("x", Manager.LSB),),
                entries=(entry("x", "x", Manager.LSB),),
                unseen=("two",),
            ),
        )
    )
    assert [one.manager for one in merged.rows] == [Manager.SUPERVISORD]
    assert [one.managed_by for one in merged.entries] == [Manager.SUPERVISORD]
    assert merged.unseen == ("one", "two")
