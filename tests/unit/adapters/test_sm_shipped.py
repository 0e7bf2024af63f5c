"""The tables of sm that come with insvc."""

from pathlib import Path

import pytest

from insvc.adapters.sm_shipped import read_tables, shipped_tables
from insvc.errors import InputError
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


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "is not JSON"),
        ('{"groups": [{"name": 1}]}', "groups[0].name: found 1, expected str"),
        ('{"format": "insvc-sm/2"}', "found format 'insvc-sm/2', expected 'insvc-sm/1'"),
    ],
)
def test_tables_of_another_form_are_refused_by_what_is_wrong(
    tmp_path: Path, text: str, reason: str
) -> None:
    path = tmp_path / "tables.json"
    path.write_text(text)
    with pytest.raises(InputError) as refusal:
        read_tables(path)
    assert reason in refusal.value.reason
    assert refusal.value.subject == str(path)
