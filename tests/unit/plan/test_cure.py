"""What would cure each instance, told beside what was seen."""

from insvc.catalog.entry import Catalog, Entry, Impact, Note, Service
from insvc.model.observation import Evidence, HostObservation, Instance, Observation
from insvc.model.words import (
    Action,
    EvidenceKind,
    InstanceState,
    Manager,
    RestartClass,
    Verdict,
)
from insvc.plan.cure import with_cures
from insvc.plan.history import Measured

SIGN = Evidence(kind=EvidenceKind.PACKAGE_NEWER, subject="web", found="1", expected="2")


def entry(**changes: object) -> Entry:
    fields = {
        "name": "web",
        "title": "Web",
        "function": "",
        "in_service_patchable": True,
        "managed_by": Manager.SYSTEMD,
        "services": (Service(name="web.service"),),
        "impact": Impact(longest_s=2.0, note="nobody notices"),
    }
    return Entry(**(fields | changes))  # type: ignore[arg-type]


def seen(instance: Instance) -> Observation:
    return Observation(hosts=(HostObservation(host="box", instances=(instance,)),))


def told(instance: Instance, *entries: Entry, took: Measured | None = None) -> Instance:
    history = {} if took is None else {"web.service": took}
    observed = with_cures(seen(instance), Catalog(entries=entries), history)
    return observed.hosts[0].instances[0]


STALE = Instance(service="web.service", verdict=Verdict.STALE, evidence=(SIGN,))


def test_a_stale_service_is_told_with_its_cure_and_its_expected_outage() -> None:
    cure = told(STALE, entry(restart_class=RestartClass.DEFERRED)).cure
    assert cure is not None
    assert (cure.entry, cure.action) == ("web", Action.RESTART)
    assert cure.restart_class is RestartClass.DEFERRED
    assert cure.outage_s == 2.3
    assert cure.note == "nobody notices"


def test_what_a_person_has_to_know_is_told_first() -> None:
    cure = told(STALE, entry(special_handling=(Note(text="Ask first."),))).cure
    assert cure is not None
    assert cure.note == "Ask first."


def test_a_measured_outage_is_better_than_a_guess() -> None:
    cure = told(STALE, entry(), took=Measured(took_s=9.0, outage_s=0.7, runs=3)).cure
    assert cure is not None
    assert cure.outage_s == 0.7


def test_a_reload_costs_nothing() -> None:
    cure = told(STALE, entry(action=Action.RELOAD)).cure
    assert cure is not None
    assert cure.outage_s == 0.0


def test_what_is_current_needs_no_cure() -> None:
    assert told(Instance(service="web.service"), entry()).cure is None


def test_a_job_whose_next_run_takes_the_new_code_says_so() -> None:
    job = Instance(service="web.service", state=InstanceState.SCHEDULED, evidence=(SIGN,))
    cure = told(job, entry(action=Action.NEXT_RUN)).cure
    assert cure is not None
    assert cure.action is Action.NEXT_RUN


def test_what_no_entry_knows_has_no_cure_and_the_first_entry_wins() -> None:
    assert told(STALE).cure is None
    cure = told(STALE, entry(), entry(name="other")).cure
    assert cure is not None
    assert cure.entry == "web"
