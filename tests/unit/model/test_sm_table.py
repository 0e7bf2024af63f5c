"""The rows of sm's table pass between processes unchanged."""

import json

from insvc.adapters.wire import from_json, to_json
from insvc.model.sm_table import GroupRow, ServiceRow, SmTable


def test_a_table_is_the_same_on_both_sides() -> None:
    table = SmTable(
        groups=(
            GroupRow(name="g", desired="active", state="active", status="warn", blamed=("x",)),
        ),
        services=(
            ServiceRow(name="x", group="g", desired="enabled-active", state="enabling", pid=7),
        ),
    )
    assert from_json(SmTable, json.loads(json.dumps(to_json(table)))) == table
