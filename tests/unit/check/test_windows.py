import pytest

from insvc.check.windows import covers
from insvc.plan.policy import Window

H = 3600.0
DAY = 24 * H
NIGHT = Window(opens="22:00", closes="04:00")


@pytest.mark.parametrize(
    ("windows", "begins", "ends", "inside"),
    [
        ((), 0.0, 1.0, False),
        ((Window(opens=10.0, closes=20.0),), 10.0, 20.0, True),
        ((Window(opens=10.0, closes=20.0),), 9.9, 12.0, False),
        ((Window(opens=10.0, closes=20.0),), 15.0, 20.1, False),
        ((Window(opens=10.0, closes=20.0),), 20.0, 20.0, True),
        ((Window(opens=10.0, closes=20.0),), 21.0, 21.0, False),
        ((Window(opens=15.0, closes=30.0), Window(opens=10.0, closes=20.0)), 12.0, 28.0, True),
        ((Window(opens=21.0, closes=30.0), Window(opens=10.0, closes=20.0)), 12.0, 28.0, False),
        ((NIGHT,), 5 * DAY + 22 * H, 6 * DAY + 4 * H, True),
        ((NIGHT,), 5 * DAY + 1 * H, 5 * DAY + 4 * H, True),
        ((NIGHT,), 5 * DAY + 1 * H, 5 * DAY + 4 * H + 1, False),
        ((NIGHT,), 5 * DAY + 21 * H, 5 * DAY + 23 * H, False),
        ((NIGHT,), 5 * DAY + 12 * H, 5 * DAY + 12 * H, False),
        ((NIGHT, Window(opens="04:00", closes="05:30")), 23 * H, DAY + 5 * H, True),
        ((Window(opens="01:00", closes="04:00"),), DAY + 1 * H, DAY + 4 * H, True),
        ((Window(opens="00:00", closes="00:00"),), 3.0, 9 * DAY, True),
    ],
)
def test_only_what_lies_in_open_windows_is_covered(
    windows: tuple[Window, ...], begins: float, ends: float, inside: bool
) -> None:
    assert covers(windows, begins, ends) is inside
