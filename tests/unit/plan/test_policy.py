"""`insvc.plan.policy`: the defaults are the careful choice."""

import pytest

from insvc.plan.policy import Policy, allowed


def test_by_default_one_goes_down_no_host_is_locked_and_a_failure_stops_the_run() -> None:
    policy = Policy()
    assert policy.max_unavailable == 1
    assert not policy.allow_lock
    assert not policy.revive_failed
    assert policy.on_failure == "stop"


@pytest.mark.parametrize(
    ("limit", "total", "count"),
    [(3, 100, 3), ("25%", 10, 2), ("25%", 3, 1), ("50%", 99, 49), ("100%", 7, 7), ("12.5%", 16, 2)],
)
def test_a_percentage_is_rounded_down_but_one_at_least(
    limit: int | str, total: int, count: int
) -> None:
    assert allowed(limit, total) == count


def test_what_is_neither_count_nor_percentage_is_no_limit() -> None:
    with pytest.raises(ValueError, match="neither"):
        allowed("many", 3)
