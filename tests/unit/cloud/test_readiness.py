import pytest

from insvc.cloud.readiness import failed, waiting_for
from insvc.model.manager_row import ManagerRow
from insvc.model.words import InstanceState, Manager


def row(state: str, desired: str = "running", manager: str = "sm") -> ManagerRow:
    return ManagerRow(
        name="x",
        manager=Manager(manager),
        state=InstanceState(state),
        desired=InstanceState(desired),
    )


@pytest.mark.parametrize(
    ("seen", "is_reached"),
    [
        (row("running"), True),
        (row("starting"), False),
        (row("unknown"), False),
        (row("failed"), False),
        (row("stopped", "stopped"), True),
        (row("disabled", "stopped"), True),
        (row("stopping", "stopped"), False),
        (row("stopped", "disabled"), True),
        (row("running", "stopped"), False),
        (row("scheduled", "scheduled", "cron"), True),
        (row("running", "scheduled", "cron"), True),
        (row("unknown", "scheduled", "cron"), False),
        (row("unknown", "unknown"), True),
    ],
)
def test_a_service_is_waited_for_until_it_is_as_wanted(seen: ManagerRow, is_reached: bool) -> None:
    assert waiting_for([seen]) == (() if is_reached else (seen,))


def test_only_what_its_manager_gave_up_has_failed() -> None:
    rows = [row("failed"), row("starting"), row("stopped")]
    assert failed(rows) == (rows[0],)
