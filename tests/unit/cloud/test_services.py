from collections import Counter

import pytest

from insvc.adapters.catalog_files import builtin
from insvc.cloud.composer import SOURCES
from insvc.cloud.services import TABLE, Made, of_package, packages
from insvc.model.words import Manager


def test_every_service_of_the_catalog_is_made_and_no_other() -> None:
    known = {(entry.name, one.name) for entry in builtin().entries for one in entry.services}
    assert {(row.entry, row.name) for row in TABLE} == known


def test_all_41_entries_live() -> None:
    assert len({row.entry for row in TABLE}) == 41


def test_no_two_services_of_a_host_share_a_port() -> None:
    counts = Counter(row.port for row in TABLE if row.port)
    assert [port for port, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("row", TABLE, ids=lambda row: str(row.name))
def test_every_row_has_a_behaviour_and_a_definition(row: Made) -> None:
    assert (SOURCES / f"{row.behaviour}.py").is_file()
    definition = row.definition()
    assert definition.name == row.name
    assert (definition.schedule is not None) == (row.manager is Manager.CRON)
    assert (definition.port is None) == (row.manager is Manager.CRON)


def test_dependencies_are_services_of_sm_and_come_first() -> None:
    seen: set[str] = set()
    for row in TABLE:
        assert set(row.depends_on) <= seen
        if row.manager is Manager.SM:
            seen.add(row.name)


def test_only_glance_and_cinder_finish_their_requests() -> None:
    graceful = {row.entry for row in TABLE if row.graceful}
    assert graceful == {"cinder", "glance"}
    assert all(row.definition().drain.timeout_s == 30.0 for row in TABLE if row.graceful)


def test_a_package_is_one_family_on_one_kind_of_host() -> None:
    for package in packages():
        rows = of_package(package)
        assert len({row.runs_on for row in rows}) == 1
    assert {row.name for row in of_package("cinder")} == {
        "cinder-api",
        "cinder-scheduler",
        "cinder-volume",
    }
