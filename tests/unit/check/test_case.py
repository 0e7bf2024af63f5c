from insvc.check.case import named
from insvc.model.words import Action, Redundancy, Role
from insvc.plan.plan import Plan
from tests.unit.check.sample import add, case_of, without
from tests.unit.plan.sample import Cloud, entry, fresh


def cloud() -> Cloud:
    return (
        Cloud(entry("db"), entry("ip", redundancy=Redundancy.ACTIVE_STANDBY))
        .host("controller-0", fresh("db"), fresh("ip"))
        .host("controller-1", fresh("db"))
        .host("compute-0", fresh("db"), locked=True)
    )


def plan_of(*steps: tuple[str, str, Action]) -> Plan:
    """Steps after one another."""
    plan = Plan()
    for name, host, action in steps:
        before = [step.id for step in plan.steps[-1:]]
        to_host = "controller-1" if host == "controller-0" else "controller-0"
        fields = {"entry": name, "service": name} if action is Action.RESTART else {}
        plan = add(plan, f"{name}@{host}", *before, action=action, to_host=to_host, **fields)
    return plan


LOCKED = plan_of(
    ("db", "controller-1", Action.RESTART),
    ("swact", "controller-0", Action.SWACT),
    ("lock", "controller-0", Action.LOCK),
    ("db", "controller-0", Action.RESTART),
    ("unlock", "controller-0", Action.UNLOCK),
)


def test_a_step_between_lock_and_unlock_is_on_a_locked_host() -> None:
    case = case_of(cloud(), LOCKED)
    assert case.is_locked(LOCKED.step("db@controller-0"))
    assert case.in_lock(LOCKED.step("db@controller-0"))
    assert not case.is_locked(LOCKED.step("db@controller-1"))


def test_a_host_that_was_locked_stays_so_until_a_step_unlocks_it() -> None:
    plan = plan_of(
        ("db", "compute-0", Action.RESTART),
        ("unlock", "compute-0", Action.UNLOCK),
    )
    assert case_of(cloud(), plan).is_locked(plan.step("db@compute-0"))
    assert case_of(cloud(), plan).in_lock(plan.step("db@compute-0"))
    alone = without(plan, "unlock@compute-0")
    assert case_of(cloud(), alone).is_locked(alone.step("db@compute-0"))
    assert not case_of(cloud(), alone).in_lock(alone.step("db@compute-0"))
    late = plan_of(
        ("unlock", "compute-0", Action.UNLOCK),
        ("db", "compute-0", Action.RESTART),
    )
    assert not case_of(cloud(), late).is_locked(late.step("db@compute-0"))


def test_activity_moves_with_a_swact() -> None:
    case = case_of(cloud(), LOCKED)
    assert not case.may_be_active(LOCKED.step("db@controller-0"))
    assert case.may_be_active(LOCKED.step("swact@controller-0"))
    assert not case.may_be_active(LOCKED.step("db@controller-1"))


def test_a_host_to_which_activity_came_may_be_active_from_then_on() -> None:
    plan = plan_of(
        ("swact", "controller-0", Action.SWACT),
        ("db", "controller-1", Action.RESTART),
        ("swact", "controller-1", Action.SWACT),
        ("db", "controller-0", Action.RESTART),
    )
    case = case_of(cloud(), plan)
    assert case.may_be_active(plan.step("db@controller-1"))
    assert case.may_be_active(plan.step("db@controller-0"))


def test_without_swacts_the_roles_are_those_that_were_seen() -> None:
    plan = plan_of(("db", "controller-0", Action.RESTART), ("db", "controller-1", Action.RESTART))
    case = case_of(cloud(), plan)
    assert case.facts.seen["controller-1"].role is Role.STANDBY
    assert case.may_be_active(plan.step("db@controller-0"))
    assert not case.may_be_active(plan.step("db@controller-1"))


def test_many_names_are_shortened() -> None:
    assert named([]) == ""
    assert named(["a"]) == "a"
    assert named(["a", "b"]) == "a and b"
    assert named(["a", "b", "c"]) == "a, b and c"
    assert named(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
