from dataclasses import replace

from insvc.plan.plan import Impairment
from insvc.report.measure import (
    HOST_ACTIONS,
    bystanders,
    compare,
    has_succeeded,
    is_slow,
    longest_outage,
    planned_s,
    took_s,
)
from insvc.report.report import Report, Requests, ServiceRequests, StepReport
from tests.unit.report.sample import empty, failed, locked, succeeded


def test_entries_are_compared_in_the_order_of_the_forecast() -> None:
    titles = [one.title for one in compare(succeeded())]
    assert titles[:3] == ["ceilometer-polling", "ceph-osd & ceph-mon", "Nova"]
    assert titles[-1] == "ceilometer-expirer"


def test_the_longest_outage_of_an_entry_stands_beside_its_forecast() -> None:
    cinder = next(one for one in compare(succeeded()) if one.entry == "cinder")
    assert (cinder.forecast_s, cinder.measured_s) == (2.5, 3.21)
    assert cinder.error_s is not None
    assert round(cinder.error_s, 2) == 0.71


def test_an_outage_that_had_not_ended_is_lasting() -> None:
    by_entry = {one.entry: one for one in compare(failed())}
    assert by_entry["cinder"].is_lasting
    assert not by_entry["ceph"].is_lasting


def test_an_entry_that_cannot_be_probed_has_no_measurement() -> None:
    polling = compare(succeeded())[0]
    assert polling.measured_s is None
    assert polling.error_s is None


def test_what_was_not_foretold_is_compared_with_its_own_steps() -> None:
    job = compare(succeeded())[-1]
    assert job.impairment is None
    assert job.hosts == ("controller-0",)
    assert job.forecast_s == 0.0


def test_acts_on_hosts_are_one_line() -> None:
    (of_sm, of_hosts) = compare(locked())
    assert of_sm.entry == "sm"
    assert of_hosts.title == HOST_ACTIONS
    assert (of_hosts.steps, of_hosts.measured_s) == (5, 1.7)


def test_an_entry_without_a_title_is_called_by_its_name() -> None:
    report = Report(run="r", outcome="succeeded", forecast=(Impairment(entry="vim"),))
    assert compare(report)[0].title == "vim"


def test_requests_of_all_services_of_an_entry_are_summed() -> None:
    report = replace(
        succeeded(),
        requests=Requests(
            by_service=(
                ServiceRequests(service="cinder-api", total=10, failed=1, longest_s=0.5),
                ServiceRequests(service="cinder-volume", total=5, delayed=2, longest_s=2.0),
                ServiceRequests(service="keystone", total=7),
            )
        ),
    )
    cinder = next(one for one in compare(report) if one.entry == "cinder").requests
    assert cinder is not None
    assert (cinder.total, cinder.failed, cinder.delayed, cinder.longest_s) == (15, 1, 2, 2.0)


def test_an_entry_that_nobody_asked_has_no_requests() -> None:
    assert compare(succeeded())[1].requests is None
    assert all(one.requests is None for one in compare(failed()))


def test_clients_of_services_that_nobody_foretold_are_bystanders() -> None:
    assert [one.service for one in bystanders(succeeded())] == ["ceph-rest-api", "keystone"]
    assert bystanders(failed()) == ()


def test_clients_of_a_foretold_service_are_no_bystanders() -> None:
    good = succeeded()
    foretold = (*good.forecast, Impairment(entry="keystone-all", services=("keystone",)))
    report = replace(good, forecast=foretold)
    assert [one.service for one in bystanders(report)] == ["ceph-rest-api"]


def test_only_an_outcome_of_success_counts_as_success() -> None:
    assert has_succeeded(succeeded().steps[0])
    assert not has_succeeded(StepReport(id="a@h", host="h"))


def test_the_longest_outage_is_that_of_one_step() -> None:
    longest = longest_outage(succeeded())
    assert longest is not None
    assert longest.id == "cinder-volume@controller-0"
    assert longest_outage(empty()) is None


def test_a_step_is_slow_when_it_takes_far_longer_than_planned() -> None:
    step = StepReport(id="a@h", host="h", start_s=0.0, end_s=4.0, planned_end_s=2.0)
    assert is_slow(step)
    assert not is_slow(replace(step, end_s=2.9))
    assert not is_slow(replace(step, end_s=14.0, planned_end_s=10.0))
    assert not is_slow(StepReport(id="a@h", host="h"))


def test_a_step_is_slow_when_its_outage_is_far_longer_than_foretold() -> None:
    step = StepReport(id="a@h", host="h", forecast_s=1.0, outage_s=2.5)
    assert is_slow(step)
    assert not is_slow(replace(step, outage_s=1.9))


def test_a_run_takes_from_its_begin_to_its_end() -> None:
    took = took_s(succeeded())
    assert took is not None
    assert round(took, 3) == 19.6
    assert took_s(empty()) is None
    assert planned_s(succeeded()) == 18.7
    assert planned_s(empty()) == 0.0
