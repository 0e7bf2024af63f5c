"""The tables of sm that come with insvc."""

from insvc.adapters.sm_shipped import shipped_tables
from insvc.supervise.sm_tables import FORMAT, membership


def test_they_are_read_once_and_are_of_their_format() -> None:
    assert shipped_tables() is shipped_tables()
    assert shipped_tables().format == FORMAT


def test_every_service_of_the_tables_belongs_to_a_group() -> None:
    tables = shipped_tables()
    assert len(tables.groups) == 10
    assert all(membership(tables, one.name) for one in tables.services)


def test_an_action_takes_as_long_as_is_known_and_an_unknown_time_is_absent() -> None:
    times = {one.name: one for one in shipped_tables().times}
    volume = times["volume"]
    assert (volume.enable_s, volume.disable_s, volume.audit_s, volume.audit_every_s) == (
        180.0,
        20.0,
        30.0,
        60.0,
    )
    assert times["replicated"].audit_s is None
