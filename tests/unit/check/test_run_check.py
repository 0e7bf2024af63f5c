from insvc.check.run_check import check_run, seen_before
from insvc.check.violation import Violation
from insvc.execute.run import Record, RecordKind
from insvc.model.words import Action, InstanceState, Redundancy, Role
from insvc.plan.plan import Plan
from tests.unit.check.sample import add
from tests.unit.check.test_record_order import CARRIED, CREATED, end, lost, over, start
from tests.unit.plan.pair import BY_ESTIMATE, CHAIN, pair
from tests.unit.plan.sample import MAIN, Cloud, entry, fresh, stale, stopped

MON = entry("mon", redundancy=Redundancy.QUORUM)


def voters() -> Cloud:
    cloud = Cloud(MON, entry("api"))
    for number in range(3):
        cloud.host(f"compute-{number}", stale("mon"), fresh("api"))
    return cloud


def loose() -> Plan:
    """A plan that keeps nobody apart."""
    plan = Plan()
    for number in range(3):
        plan = add(plan, f"mon@compute-{number}")
    return plan


def judged(*records: Record, plan: Plan | None = None) -> list[Violation]:
    cloud = voters()
    chosen = plan or loose()
    told = (CREATED, CARRIED, *records)
    return list(check_run(chosen, told, cloud.catalog, cloud.topology, cloud.observation))


def test_one_after_the_other_is_well_whatever_the_plan_allowed() -> None:
    records = [one(f"mon@compute-{at}") for at in range(3) for one in (start, end)]
    assert judged(*records, over()) == []


def test_two_that_really_overlapped_are_found() -> None:
    records = (start("mon@compute-0"), start("mon@compute-1"), end("mon@compute-0"))
    (fault,) = judged(*records)
    assert fault.code == "law.2"
    assert set(fault.at) == {"mon@compute-0", "mon@compute-1"}


def test_a_lost_act_lasts_until_its_end_is_known() -> None:
    first = (start("mon@compute-0"), lost("mon@compute-0"), start("mon@compute-1"))
    again = (start("mon@compute-0", 2, "down"), end("mon@compute-0", 2))
    assert {one.code for one in judged(*first, *again)} == {"law.2"}


def test_a_member_that_failed_counts_as_down_from_then_on() -> None:
    records = (start("mon@compute-0"), end("mon@compute-0", outcome="failed"))
    assert judged(*records) == []
    assert {one.code for one in judged(*records, start("mon@compute-1"))} == {"law.2"}


def test_a_failure_keeps_nothing_else_busy() -> None:
    plan = add(add(add(Plan(), "api@compute-0"), "mon@compute-0"), "api@compute-1")
    names = ("api@compute-0", "mon@compute-0")
    records = [one for name in names for one in (start(name), end(name, outcome="failed"))]
    cloud = voters()
    told = (CREATED, CARRIED, *records)
    found = check_run(plan, told, cloud.catalog, cloud.topology, cloud.observation)
    assert found == ()


def test_records_of_a_host_that_is_gone_are_read_all_the_same() -> None:
    plan = add(Plan(), "mon@compute-9")
    assert judged(start("mon@compute-9"), plan=plan) == []
    blind = judged(start("mon@compute-9"), start("mon@compute-9", 2), plan=plan)
    assert {one.code for one in blind} == {"run.records"}


def test_what_is_no_step_is_told_and_left_aside() -> None:
    assert {one.code for one in judged(start("x@y"), end("x@y"))} == {"run.records"}


def test_an_end_without_a_begin_is_no_overlap() -> None:
    skipped = end("mon@compute-0", 0, "skipped")
    assert judged(skipped, start("mon@compute-1"), end("mon@compute-1")) == []


def test_what_was_seen_before_follows_from_the_plan() -> None:
    cloud = (
        Cloud(MON)
        .host("controller-0", stopped("mon"), fresh("x"), role=Role.STANDBY)
        .host("controller-1", fresh("mon"), role=Role.ACTIVE)
        .host("compute-0", fresh("mon"))
    )
    plan = add(Plan(), "mon@controller-0", expects=(MAIN,))
    plan = add(plan, "swact@controller-0", action=Action.SWACT, to_host="controller-1", service="")
    before = seen_before(plan, cloud.observation)
    assert before.hosts[0].role is Role.ACTIVE
    assert before.hosts[1].role is Role.STANDBY
    assert before.hosts[2].role is None
    mon = before.hosts[0].instance("mon")
    assert mon is not None
    assert mon.state is InstanceState.RUNNING


def test_what_a_swact_has_cured_ran_on_the_host_that_gave_it_up() -> None:
    cloud = pair()
    plan = cloud.plan(BY_ESTIMATE)
    later = pair(
        active=(tuple(stopped(name) for name in CHAIN), {"role": Role.STANDBY}),
        standby=(tuple(fresh(name) for name in CHAIN), {"role": Role.ACTIVE}),
    )
    before = seen_before(plan, later.observation)
    states = [[one.state for one in seen.instances] for seen in before.hosts]
    assert states == [[InstanceState.RUNNING] * 3, [InstanceState.STOPPED] * 3]
    records = (CREATED, CARRIED, start("swact@controller-0"), end("swact@controller-0"), over())
    assert list(check_run(plan, records, cloud.catalog, cloud.topology, before)) == []


def test_a_wish_between_the_records_is_passed_over() -> None:
    wish = Record(kind=RecordKind.PAUSE_ASKED, at=0.0)
    assert judged(start("mon@compute-0"), wish, end("mon@compute-0")) == []


def test_what_the_catalog_does_not_know_breaks_no_law_of_it() -> None:
    plan = add(Plan(), "stranger@compute-0")
    assert judged(start("stranger@compute-0"), end("stranger@compute-0"), plan=plan) == []
