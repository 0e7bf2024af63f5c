"""`insvc.catalog.native`: services of StarlingX's own managers, gathered into the page's rows."""

import dataclasses

from insvc.adapters.shipped import shipped
from insvc.catalog.entry import AtMostOneDown, Before, Entry, Impact, Service
from insvc.catalog.native import native
from insvc.model.words import Manager, Personality, Redundancy, RestartClass

PAGE = shipped("titanium")


def found(name: str, *needs: str, manager: Manager = Manager.SM, longest_s: float = 30.0) -> Entry:
    return Entry(
        name=name,
        title=name,
        function="discovered",
        in_service_patchable=True,
        managed_by=manager,
        runs_on=(Personality.HOST,),
        services=(Service(name=name, pidfile=f"/var/run/{name}.pid"),),
        depends_on=needs,
        impact=Impact(longest_s=longest_s),
        provenance={"managed_by": "discovered: sm.db"},
    )


def test_services_are_gathered_into_the_row_that_tells_of_them() -> None:
    told = native([found("glance-api", "glance-registry", "postgres"), found("glance-registry"),
                   found("postgres")], PAGE)  # fmt: skip
    glance, postgres = told
    assert (glance.name, glance.title) == ("glance", "Glance")
    assert [one.name for one in glance.services] == ["glance-registry", "glance-api"]
    assert glance.services[0].pidfile == "/var/run/glance-registry.pid"
    assert glance.depends_on == ("postgres",)
    assert glance.runs_on == (Personality.HOST,)
    assert glance.redundancy is Redundancy.PER_HOST
    assert glance.impact.longest_s == 60.0
    assert glance.provenance["managed_by"] == "discovered: sm.db"
    assert glance.provenance["impact"] == "page"
    assert postgres == found("postgres")


def test_only_the_services_that_are_there_are_told() -> None:
    (cinder,) = native([found("cinder-api")], PAGE)
    assert [one.name for one in cinder.services] == ["cinder-api"]
    (haproxy,) = native([found("haproxy", longest_s=25.0)], PAGE)
    assert haproxy.impact.longest_s == 25.0
    assert haproxy.restart_class is RestartClass.ORDERED


def test_the_rules_of_a_row_find_the_rows_they_speak_of() -> None:
    told = native([found("ceph-mon", manager=Manager.PMON), found("cinder-volume")], PAGE)
    ceph = told[0]
    rule = next(one for one in ceph.special_handling if isinstance(one, Before))
    assert told[1].name in rule.entries
    assert any(isinstance(one, AtMostOneDown) for one in ceph.special_handling)
    assert all(one.redundancy is None for one in ceph.services)
    assert ceph.managed_by is Manager.PMON


def test_who_needs_a_service_needs_its_row() -> None:
    told = native([found("keystone", longest_s=1.0), found("barbican-api", "keystone")], PAGE)
    assert [(one.name, one.depends_on) for one in told] == [
        ("keystone-all", ()),
        ("barbican-api", ("keystone-all",)),
    ]


def test_what_must_not_be_restarted_in_service_stays_so() -> None:
    (sm,) = native([found("sm", manager=Manager.PMON)], PAGE)
    assert not sm.in_service_patchable


def test_entries_of_other_managers_are_left_alone() -> None:
    unit = found("haproxy", manager=Manager.SYSTEMD)
    assert native([unit], PAGE) == (unit,)


def test_a_row_without_times_of_its_host_stays_as_it_is() -> None:
    bare = dataclasses.replace(found("vim"), impact=Impact())
    (vim,) = native([bare], PAGE)
    assert vim.impact == PAGE.entry_of("vim").impact  # type: ignore[union-attr]
