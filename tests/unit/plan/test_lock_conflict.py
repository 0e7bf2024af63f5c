"""`insvc.plan.lock_conflict`: why there is no lock, and the fewest facts that forbid it."""

from typing import Any

import pytest

from insvc.errors import NeedsLock, PlanRefused
from insvc.model.words import Role
from tests.unit.plan.sample import Cloud, entry, stale

BARRED = entry("x", in_service_patchable=False)


def refusal(cloud: Cloud, *, allow_lock: bool = True) -> PlanRefused:
    with pytest.raises(PlanRefused) as fault:
        cloud.plan(allow_lock=allow_lock)
    return fault.value


def conflict(cloud: Cloud, *, allow_lock: bool = True) -> str:
    return refusal(cloud, allow_lock=allow_lock).reason.partition("it would work: ")[2]


def pair(**of_standby: Any) -> Cloud:
    cloud = Cloud(BARRED).host("controller-0", stale("x"))
    return cloud.host("controller-1", **of_standby)


def test_of_many_that_need_a_lock_one_is_enough() -> None:
    cloud = Cloud(entry("y", in_service_patchable=False), BARRED)
    cloud.host("compute-0", stale("x")).host("compute-1", stale("y"))
    fault = refusal(cloud, allow_lock=False)
    assert isinstance(fault, NeedsLock)
    assert conflict(cloud, allow_lock=False) == (
        "(1) x@compute-0 must be restarted [leave it out of the plan], "
        "(2) law 1 allows a restart of X on a locked host alone [it holds whatever the policy "
        "says], (3) the policy allows no lock (allow_lock: false) [--allow-lock]"
    )


@pytest.mark.parametrize(
    ("standby", "words", "act"),
    [
        ({"reachable": False}, "controller-1 does not answer", "bring controller-1 back"),
        (
            {"locked": True},
            "controller-1 is locked",
            "unlock controller-1 first (--unlock controller-1)",
        ),
        (
            {"role": None},
            "controller-1 is neither active nor standby",
            "make controller-1 a standby",
        ),
        ({"role": Role.ACTIVE}, "controller-1 is active too", "make controller-1 a standby"),
    ],
)
def test_who_could_take_over_is_told_with_what_to_do(
    standby: dict[str, Any], words: str, act: str
) -> None:
    cloud = pair(**standby)
    assert conflict(cloud).startswith(f"(1) {words} [{act}], (2) controller-0 is the active ")
    assert "(4) law 1 allows a restart of X on a locked host alone" in conflict(cloud)
    assert conflict(cloud).endswith(
        "(5) x@controller-0 must be restarted [leave it out of the plan]"
    )
    assert refusal(cloud).next_act == f"{act}, or leave x@controller-0 out of the plan"


def test_a_single_controller_has_nobody() -> None:
    cloud = Cloud(BARRED).host("controller-0", stale("x")).host("compute-0")
    assert conflict(cloud).startswith(
        "(1) controller-0 is the only controller [add a standby controller]"
    )
    assert refusal(cloud).next_act.startswith("add a standby controller, or leave")
