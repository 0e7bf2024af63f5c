"""`insvc.plan.steps`: everything that an agent and a reader need to know."""

from insvc.catalog.entry import ClearSessions, Command, GracefulWindow, Probe, ReapOrphans, Service
from insvc.model.words import Action
from insvc.plan.durations import Estimate
from insvc.plan.needs import find_needs
from insvc.plan.plan import Step
from insvc.plan.policy import Policy
from insvc.plan.steps import make_step, restarts_dependants
from insvc.plan.task import Placed, Task
from tests.unit.plan.sample import MAIN, Cloud, entry, job, stale


def step(*services: Service, address: str | None = None, **fields: object) -> Step:
    instance = stale("a", endpoint=fields.pop("endpoint", None))
    chosen = entry("a", services=services or (Service(name="a"),), **fields)
    cloud = Cloud(chosen).host("compute-0", instance, address=address)
    return cloud.plan().steps[0]


def test_a_step_expects_the_processes_it_was_planned_for() -> None:
    assert step().expects == (MAIN,)


def test_a_step_asks_the_endpoint_that_was_seen() -> None:
    found = step(Service(name="a", readiness=Probe(path="/ready")), endpoint="127.0.0.1:80")
    assert (found.endpoint, found.probe_path) == ("127.0.0.1:80", "/ready")


def test_an_outage_probe_comes_before_the_readiness_probe() -> None:
    service = Service(name="a", readiness=Probe(path="/ready"), outage_probe=Probe(path="/up"))
    assert step(service, endpoint="127.0.0.1:80").probe_path == "/up"


def test_a_tcp_probe_has_no_path() -> None:
    found = step(Service(name="a", readiness=Probe(kind="tcp")), endpoint="127.0.0.1:80")
    assert (found.endpoint, found.probe_path) == ("127.0.0.1:80", None)


def test_without_an_observed_endpoint_the_catalogs_port_is_asked() -> None:
    service = Service(name="a", readiness=Probe(port=99))
    assert step(service, address="10.0.0.7").endpoint == "10.0.0.7:99"
    assert step(service).endpoint is None
    assert step(service).probe_path is None


def test_what_cannot_be_asked_is_not_probed() -> None:
    assert step().endpoint is None


def test_special_handling_travels_with_the_step() -> None:
    rules = (
        ReapOrphans(match="other", of="b"),
        ReapOrphans(match="proxy", of="a"),
        ClearSessions(path="/x"),
        GracefulWindow(timeout_s=30),
    )
    found = step(special_handling=rules)
    assert found.reap == "proxy"
    assert found.clear_sessions
    assert found.drain is not None
    assert found.drain.timeout_s == 30


def test_a_safe_restart_leaves_dependants_alone() -> None:
    assert restarts_dependants(entry("a", restart=(Command(run="sm-restart service a"),)))
    assert not restarts_dependants(entry("a", restart=(Command(run="sm-restart-safe service a"),)))
    assert not restarts_dependants(entry("a"))
    commands = (Command(run="sm-restart-safe service a"), Command(run="sm-restart service a"))
    assert not restarts_dependants(entry("a", restart=commands))


def test_the_least_action_says_so() -> None:
    assert "law 8" in step(action=Action.RELOAD).reason
    assert step(action=Action.RELOAD).action is Action.RELOAD


def test_a_job_is_neither_drained_nor_probed_nor_watched() -> None:
    cloud = Cloud(entry("a", special_handling=(GracefulWindow(timeout_s=30),)))
    (found,) = cloud.host("compute-0", job("a", endpoint="127.0.0.1:1")).plan().steps
    assert (found.drain, found.endpoint, found.dwell_s) == (None, None, 0.0)


def test_of_many_steps_waited_for_some_are_named() -> None:
    names = [f"a{number}" for number in range(5)]
    cloud = Cloud(entry("big", *names), entry("z", depends_on=("big",)))
    cloud.host("compute-0", *map(stale, names), stale("z"))
    reason = cloud.plan(parallel_services=9).step("z@compute-0").reason
    assert "after a0@compute-0, a1@compute-0, a2@compute-0 and 2 more: z depends on big" in reason


def test_what_a_step_waits_for_is_listed_by_name_and_its_times_to_the_millisecond() -> None:
    view = Cloud(entry("a")).host("compute-0", stale("a")).view()
    (need,), _ = find_needs(view, Policy())
    placed = Placed(
        task=Task(need=need, estimate=Estimate(duration_s=1.0, outage_s=1.0, timeout_s=9.0)),
        start_s=1.23456,
        end_s=2.23456,
        least_start_s=0.0,
        least_end_s=0.0,
        after={"y@compute-0": "law", "x@compute-0": "law"},
    )
    found = make_step(view, placed, Policy(), "")
    assert found.after == ("x@compute-0", "y@compute-0")
    assert (found.start_s, found.end_s) == (1.235, 2.235)
