"""`insvc.plan.policy`: the defaults are the careful choice."""

from insvc.plan.policy import Policy


def test_by_default_one_goes_down_no_host_is_locked_and_a_failure_stops_the_run() -> None:
    policy = Policy()
    assert policy.max_unavailable == 1
    assert not policy.allow_lock
    assert not policy.revive_failed
    assert policy.on_failure == "stop"
