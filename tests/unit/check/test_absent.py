"""`insvc.check.absent`: what is counted and not looked at."""

from typing import Any

import pytest

from insvc.check.absent import Absent, Alike, Lanes, Load, beside
from insvc.model.observation import HostObservation
from insvc.model.topology import Host
from insvc.model.words import Personality
from insvc.plan.plan import Step
from tests.unit.plan.sample import stale


def crowd(count: int, *services: str, name: str = "compute-9", **fields: Any) -> Alike:
    chosen = {"personality": Personality.WORKER, **fields}
    seen = HostObservation(host=name, instances=tuple(map(stale, services)))
    return Alike(host=Host(name=name, **chosen), seen=seen, count=count)


def lanes(name: str, *services: str, rest: int = 3, **fields: Any) -> Lanes:
    """The lanes of a line of which two are looked at, on a host named after it."""
    host = Host(
        name=name,
        personality=fields.pop("personality", Personality.WORKER),
        failure_domain=fields.pop("domain", None),
    )
    chosen = {
        "line": f"line@{name}",
        "beside": frozenset({f"line@{name}"}),
        "shown": frozenset(f"{service}@{name}" for service in services),
        "spare": frozenset[str](),
        "count": rest + 2,
        "by_host": True,
        **fields,
    }
    turn = tuple(Step(id=f"{one}@{name}", host=name, service=one) for one in services)
    return Lanes(host=host, turn=turn, rest=rest, **chosen)


def holds(*services: str) -> Any:
    """Whether a step is one of these services."""
    return lambda _, step: step.service in services


def together(*names: str) -> frozenset[str]:
    return frozenset(f"line@{name}" for name in names)


def test_members_and_hosts_that_are_not_looked_at_are_counted() -> None:
    absent = Absent(
        crowds=(
            crowd(5, "db", failure_domain="east"),
            crowd(3, "db", "web"),
            crowd(9, "web", personality=Personality.STORAGE, failure_domain="east"),
        )
    )
    assert (absent.members("db"), absent.members("web"), absent.members("x")) == (8, 12, 0)
    assert (absent.members("db", "east"), absent.members("web", "east")) == (5, 9)
    assert absent.hosts(Personality.WORKER) == 8
    assert absent.hosts(Personality.CONTROLLER) == 0


def test_a_plan_without_lines_has_one_load_with_nothing_in_it() -> None:
    assert Absent().held(holds("db")) == (Load(busy=0, apart=frozenset()),)
    assert Absent().busy(Personality.WORKER) == (Load(),)
    assert Absent(lanes=(lanes("a", "web"),)).held(holds("db")) == (Load(),)


def test_a_lane_that_is_not_looked_at_holds_as_many_hosts_as_it_may() -> None:
    one = lanes("a", "db", "web", rest=3, by_host=True)
    assert (one.most(1), one.most(2)) == (3, 3)
    step_by_step = lanes("a", "db", "web", rest=3, by_host=False)
    assert (step_by_step.most(1), step_by_step.most(2)) == (3, 10)


def test_only_lines_with_such_a_step_are_counted() -> None:
    absent = Absent(lanes=(lanes("a", "db", rest=3), lanes("b", "web", rest=5)))
    (load,) = absent.held(holds("web"))
    assert (load.busy, load.apart) == (5, frozenset())


def test_a_failure_domain_counts_its_own_lines() -> None:
    east = lanes("a", "db", rest=3, domain="east")
    west = lanes("b", "db", rest=5, domain="west")
    absent = Absent(lanes=(east, west))
    assert [load.busy for load in absent.held(holds("db"), "east")] == [3]
    assert [load.busy for load in absent.held(holds("db"), "north")] == [0]
    assert len(absent.held(holds("db"))) == 2


def test_lines_that_may_be_under_way_together_add_up() -> None:
    both = together("a", "b")
    absent = Absent(
        lanes=(lanes("a", "db", rest=3, beside=both), lanes("b", "db", rest=5, beside=both))
    )
    assert absent.held(holds("db")) == (Load(busy=8, apart=frozenset()),)


def test_of_lines_that_follow_one_another_each_is_looked_at_without_the_other() -> None:
    absent = Absent(lanes=(lanes("a", "db", rest=3), lanes("b", "db", rest=5)))
    assert absent.held(holds("db")) == (
        Load(busy=3, apart=frozenset({"db@b"})),
        Load(busy=5, apart=frozenset({"db@a"})),
    )


def test_two_together_before_a_third_are_not_added_to_it() -> None:
    both = together("a", "b")
    absent = Absent(
        lanes=(
            lanes("a", "db", rest=3, beside=both),
            lanes("b", "db", rest=3, beside=both),
            lanes("c", "db", rest=8),
        )
    )
    loads = absent.held(holds("db"))
    assert [load.busy for load in loads] == [6, 8]
    assert loads[1].apart == {"db@a", "db@b"}


def test_what_does_not_hold_it_is_no_company() -> None:
    both = together("a", "b")
    absent = Absent(
        lanes=(lanes("a", "db", rest=3, beside=both), lanes("b", "web", rest=5, beside=both))
    )
    assert [load.busy for load in absent.held(holds("db"))] == [3]


def test_steps_of_lanes_that_are_counted_already_do_not_count_again() -> None:
    one = lanes("a", "db", rest=4, spare=frozenset({"db@a3", "db@a4"}))
    (load,) = Absent(lanes=(one,)).held(holds("db"))
    assert load == Load(busy=4, apart=frozenset({"db@a3", "db@a4"}))


@pytest.mark.parametrize(("by_host", "most"), [(True, 3), (False, 10)])
def test_hosts_of_a_personality_are_busy_with_the_whole_turn(by_host: bool, most: int) -> None:
    absent = Absent(
        lanes=(
            lanes("a", "db", "web", rest=3, by_host=by_host),
            lanes("s", "db", rest=7, personality=Personality.STORAGE),
        )
    )
    assert [load.busy for load in absent.busy(Personality.WORKER)] == [most]
    assert [load.busy for load in absent.busy(Personality.STORAGE)] == [7]


def test_words_tell_what_else_is_busy_only_where_something_is() -> None:
    assert beside(0) == ""
    assert beside(7) == ", and 7 more are busy in other lanes meanwhile"
