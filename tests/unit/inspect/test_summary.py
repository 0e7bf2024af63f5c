"""An observation in an operator's words."""

from insvc.inspect.evidence import EARLIER_VERSION_UNKNOWN
from insvc.inspect.summary import conclusion, is_complete, running_version, summary
from insvc.model.observation import (
    Cure,
    Evidence,
    HostObservation,
    Instance,
    Observation,
    ProcessIdentity,
)
from insvc.model.words import (
    Action,
    EvidenceKind,
    InstanceState,
    Manager,
    RestartClass,
    Role,
    Verdict,
)

NEWER = Evidence(
    kind=EvidenceKind.PACKAGE_NEWER, subject="cinder", found="1.0-1", expected="1.0-2", pid=7
)
MAPPED = Evidence(
    kind=EvidenceKind.MAPPING_REPLACED,
    subject="/usr/lib/c.so",
    found="file fe:00:1 (replaced)",
    expected="file fe:00:2",
    pid=7,
)
STALE = Instance(
    service="cinder-api",
    manager=Manager.SM,
    verdict=Verdict.STALE,
    evidence=(MAPPED, NEWER),
    processes=(ProcessIdentity(boot_id="b", pid=7, start_ticks=1),),
    package="cinder",
    version="1.0-2",
)
JOB = Instance(
    service="heat-purge",
    manager=Manager.CRON,
    state=InstanceState.SCHEDULED,
    evidence=(NEWER,),
    package="heat",
)
SUSPECT = Instance(service="aodh-api", verdict=Verdict.SUSPECT, evidence=(NEWER,))
CURRENT = Instance(service="nova-api", package="nova", version="1.0-1")
FAILED = Instance(service="vim", state=InstanceState.FAILED)


def cloud(*instances: Instance, **traits: object) -> Observation:
    """A cloud of one host."""
    host = HostObservation(host="c0", instances=instances, **traits)  # type: ignore[arg-type]
    return Observation(hosts=(host,))


def test_a_stale_instance_is_shown_with_pid_versions_reason_and_evidence() -> None:
    text = "\n".join(summary(cloud(CURRENT, STALE, role=Role.ACTIVE)))
    assert "c0  active  2 of 2 services run, 1 stale" in text
    assert "STALE     cinder-api" in text
    assert "pid 7" in text
    assert "cinder 1.0-1 → 1.0-2" in text
    assert "1 executable mapping of a replaced file" in text
    assert str(MAPPED) in text
    assert "nova-api" not in text


def test_everything_lists_what_is_current_without_a_reason() -> None:
    lines = summary(cloud(CURRENT), everything=True)
    assert lines[1].split() == ["current", "nova-api", "-", "running", "nova", "1.0-1", "pid", "-"]
    assert lines[2] == ""


def test_stale_comes_before_suspect_before_the_rest() -> None:
    lines = [
        line.split()[0] for line in summary(cloud(JOB, FAILED, SUSPECT, STALE)) if line[2:3].strip()
    ]
    assert [word for word in lines if word in {"STALE", "suspect", "next", "current"}] == [
        "STALE",
        "suspect",
        "next",
        "current",
    ]


def test_a_silent_host_is_loud() -> None:
    silent = HostObservation(host="c1", reachable=False, unseen=("c1: no answer",))
    lines = summary(Observation(hosts=(silent, HostObservation(host="c0"))))
    assert lines[0] == "c1  DOES NOT ANSWER: nothing is known of it"
    assert lines[1] == "  c1: no answer"
    assert lines[-2] == "Nothing that was seen runs replaced code; NOTHING IS KNOWN of c1."
    assert lines[-1].startswith("next: bring back the agent of c1")


def test_where_no_host_answers_nothing_is_claimed() -> None:
    silent = HostObservation(host="c1", reachable=False)
    assert conclusion(Observation(hosts=(silent,)))[0] == "Nothing is known: no host answers."


def test_what_could_not_be_seen_is_listed_apart() -> None:
    lines = summary(cloud(locked=True, unseen=("vim: pid 9: Permission denied",)))
    assert lines[0] == "c0  locked  0 stale"
    assert lines[-1] == "next: nothing to restart of what was seen"
    assert "  NOT SEEN  vim: pid 9: Permission denied" in lines


def test_the_conclusion_counts_in_words() -> None:
    assert conclusion(cloud(STALE)) == (
        "1 instance on 1 host runs replaced code.",
        "next: `insvc plan` decides what to restart, in which order",
    )
    assert conclusion(cloud(STALE, STALE, SUSPECT, JOB))[0] == (
        "2 instances on 1 host run replaced code; 1 instance is suspect; "
        "1 job takes the new code at the next run."
    )
    assert conclusion(cloud(JOB))[1].startswith("next: `insvc plan`")
    assert conclusion(cloud(CURRENT)) == (
        "Nothing that was seen runs replaced code.",
        "next: nothing to restart",
    )


def test_the_running_version_is_told_only_where_a_record_names_it() -> None:
    unknown = Evidence(
        kind=EvidenceKind.PACKAGE_NEWER, subject="cinder", found=EARLIER_VERSION_UNKNOWN
    )
    assert running_version(STALE) == "1.0-1"
    assert running_version(Instance(service="x", evidence=(unknown,))) is None
    assert running_version(CURRENT) is None


def test_only_what_could_be_seen_whole_is_complete() -> None:
    unseen = Evidence(kind=EvidenceKind.UNSEEN, subject="/proc/7/maps")
    hidden = Instance(service="x", verdict=Verdict.SUSPECT, evidence=(unseen,))
    assert is_complete(cloud(STALE, SUSPECT))
    assert not is_complete(cloud(STALE, hidden))
    assert not is_complete(cloud(CURRENT, unseen=("10 of 11 processes may not be looked at",)))
    assert not is_complete(cloud(reachable=False))


def test_a_cure_is_told_with_its_price_and_explained_only_on_demand() -> None:
    sign = Evidence(kind=EvidenceKind.MAPPING_REPLACED, subject="/lib/x", found="1", expected="2")
    one = Instance(
        service="web.service",
        verdict=Verdict.STALE,
        evidence=(sign,) * 5,
        cure=Cure(
            entry="web",
            action=Action.RESTART,
            restart_class=RestartClass.DEFERRED,
            outage_s=2.3,
            note="Ask its users first.",
        ),
    )
    seen = Observation(hosts=(HostObservation(host="box", instances=(one,)),))
    short = "\n".join(summary(seen))
    whole = "\n".join(summary(seen, explains=True))
    assert "cured by restart (deferred), out about 2.3 s" in short
    assert "and 2 more (--explain)" in short
    assert "Ask its users" not in short
    assert "Ask its users first." in whole
    assert whole.count("/lib/x") == 5


def test_what_goes_on_meanwhile_has_no_price() -> None:
    cure = Cure(
        entry="web", action=Action.RELOAD, restart_class=RestartClass.AUTO, outage_s=0.0, note=""
    )
    one = Instance(service="web.service", verdict=Verdict.STALE, cure=cure)
    seen = Observation(hosts=(HostObservation(host="box", instances=(one,)),))
    assert any(line.endswith("cured by reload (auto)") for line in summary(seen, explains=True))


def test_what_no_restart_cures_is_told_in_words() -> None:
    def told(action: Action, restart_class: RestartClass, *, explains: bool) -> str:
        cure = Cure(entry="x", action=action, restart_class=restart_class, outage_s=0.0)
        one = Instance(service="x", verdict=Verdict.STALE, cure=cure)
        seen = Observation(hosts=(HostObservation(host="h", instances=(one,)),))
        return summary(seen, explains=explains)[3].strip()

    assert told(Action.RESTART, RestartClass.REBOOT_ONLY, explains=False) == (
        "cured by a reboot alone"
    )
    words = "nothing here restarts it rightly (deferred)"
    assert told(Action.NONE, RestartClass.DEFERRED, explains=True) == words
    assert told(Action.NONE, RestartClass.DEFERRED, explains=False) == (
        f"{words}; --explain says who does"
    )


def test_the_kernel_is_no_service() -> None:
    kernel = Instance(service="kernel", manager=Manager.NONE, verdict=Verdict.STALE)
    idle = Instance(service="idle", manager=Manager.SM, state=InstanceState.STOPPED)
    seen = Observation(hosts=(HostObservation(host="h", instances=(kernel, STALE, idle)),))
    assert summary(seen)[0] == "h  1 of 2 services run, 2 stale"


def test_what_has_no_process_runs_where_its_manager_says_so() -> None:
    checked = Instance(service="checked", manager=Manager.PMON, state=InstanceState.RUNNING)
    seen = Observation(hosts=(HostObservation(host="h", instances=(STALE, checked)),))
    assert summary(seen)[0] == "h  2 of 2 services run, 1 stale"


def test_services_are_not_counted_where_only_the_stale_ones_were_looked_at() -> None:
    seen = Observation(hosts=(HostObservation(host="h", instances=(STALE,)),))
    assert summary(seen)[0] == "h  1 stale"
