import pytest

from insvc.catalog.entry import AtMostOneDown, Entry
from insvc.check.holdings import holdings_by_service
from insvc.check.pools import Pool, allowed, make_pools
from insvc.model.words import Redundancy
from insvc.plan.plan import Plan
from tests.unit.check.sample import add, case_of
from tests.unit.plan.sample import Cloud, entry, failed, fresh


def pools(db: Entry, **policy: object) -> list[Pool]:
    """Pools of a service that has failed on compute-1 and is restarted on compute-0."""
    cloud = (
        Cloud(db)
        .host("compute-0", fresh("db"), failure_domain="east")
        .host("compute-1", failed("db"), failure_domain="east")
        .host("compute-2", fresh("db"), failure_domain="west")
        .host("compute-3", fresh("db"))
    )
    case = case_of(cloud, add(Plan(), "db@compute-0"), **policy)
    return list(make_pools(case, holdings_by_service(case)))


@pytest.mark.parametrize(
    ("limit", "total", "count"),
    [(3, 10, 3), ("25%", 10, 2), ("1%", 10, 1), ("100%", 10, 10), ("33.4%", 3, 1)],
)
def test_a_limit_is_a_count_or_a_part(limit: int | str, total: int, count: int) -> None:
    assert allowed(limit, total) == count


def test_the_policy_limits_and_what_is_down_counts() -> None:
    (pool,) = pools(entry("db"), max_unavailable=2)
    assert (pool.limit, pool.law, pool.down, pool.room) == (2, 5, ("compute-1",), 1)


def test_a_service_may_have_a_limit_of_its_own() -> None:
    (pool,) = pools(entry("db"), max_unavailable_of={"db": "75%"})
    assert pool.limit == 3


def test_a_majority_must_be_left_of_what_votes() -> None:
    (pool,) = pools(entry("db", redundancy=Redundancy.QUORUM), max_unavailable=3)
    assert (pool.limit, pool.law, pool.room) == (1, 2, 0)


def test_two_that_vote_can_spare_nobody() -> None:
    quorum = entry("db", redundancy=Redundancy.QUORUM)
    cloud = Cloud(quorum).host("compute-0", fresh("db")).host("compute-1", fresh("db"))
    case = case_of(cloud, add(Plan(), "db@compute-0"))
    (pool,) = make_pools(case, holdings_by_service(case))
    assert (pool.limit, pool.why) == (0, "2 of 2 are needed for a majority")


def test_at_most_one_is_at_most_one_whatever_the_policy_says() -> None:
    guarded = entry("db", special_handling=(AtMostOneDown(service="db"),))
    (pool,) = pools(guarded, max_unavailable=3)
    assert (pool.limit, pool.law) == (1, 2)


def test_a_failure_domain_has_a_limit_where_the_policy_gives_one() -> None:
    everywhere, east = pools(entry("db"), max_unavailable=3, max_unavailable_per_domain="50%")
    assert everywhere.where == ""
    assert (east.where, east.limit, east.total) == ("east", 1, 2)


def test_what_only_comes_back_needs_no_room() -> None:
    cloud = Cloud(entry("db")).host("compute-0", failed("db"))
    case = case_of(cloud, add(Plan(), "db@compute-0"))
    assert list(make_pools(case, holdings_by_service(case))) == []
