"""An entry's parts in words."""

import pytest

from insvc.catalog.entry import (
    AtMostOneDown,
    AvoidTogether,
    Before,
    CarriesTraffic,
    ClearSessions,
    GracefulWindow,
    Impact,
    Note,
    NotWhile,
    Probe,
    ReapOrphans,
    Rule,
    Service,
)
from insvc.catalog.words import impact_words, rule_words, service_words, yes_or_no
from insvc.model.act import DrainRule
from insvc.model.words import Personality, Redundancy


def test_yes_and_no() -> None:
    assert (yes_or_no(patchable=True), yes_or_no(patchable=False)) == ("yes", "no")


def test_an_unknown_impact_claims_nothing() -> None:
    assert list(impact_words(Impact())) == []


def test_a_known_impact_is_told_fact_by_fact() -> None:
    impact = Impact(
        outstanding_requests="fail",
        new_requests="refused",
        may_lose=("rows",),
        sessions="lost",
        longest_s=1.5,
        recovers="retry",
        note="Bad.",
    )
    assert list(impact_words(impact)) == [
        "requests under way fail",
        "new requests are refused",
        "may lose rows",
        "user sessions are lost",
        "takes at most 1.5 s",
        "clients have to try again",
        "Bad.",
    ]


def test_what_is_particular_to_a_service() -> None:
    assert service_words(Service(name="web")) == ""
    full = Service(
        name="web",
        redundancy=Redundancy.QUORUM,
        runs_on=(Personality.STORAGE,),
        pidfile="/run/web.pid",
        drain=DrainRule(timeout_s=30),
        readiness=Probe(path="/up"),
    )
    assert service_words(full) == (
        "quorum; on storage; pid file /run/web.pid; drained with TERM for 30 s, then kill; "
        "ready by http /up"
    )
    assert service_words(Service(name="web", readiness=Probe(kind="tcp"))) == "ready by tcp"


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (AtMostOneDown(service="mon"), "never two of mon down at one time"),
        (Before(entries=("a", "b")), "restarted before a, b"),
        (
            Before(entries=("a",), where="active-controller"),
            "restarted before a on the active controller",
        ),
        (AvoidTogether(entries=("a",)), "not while a restarts on the active controller"),
        (ReapOrphans(match="x", of="a"), "helpers of a that match x end with it"),
        (GracefulWindow(timeout_s=30), "requests may finish for 30 s, then kill"),
        (ClearSessions(path=""), "stored sessions are cleared"),
        (ClearSessions(path="/s"), "stored sessions are cleared (/s)"),
        (CarriesTraffic(), "everybody's traffic goes through it, so it goes last"),
        (NotWhile(condition="user-session"), "never restarted while somebody is logged in"),
        (Note(text="Ask."), "Ask."),
    ],
)
def test_every_rule_is_one_sentence(rule: Rule, words: str) -> None:
    assert rule_words(rule) == words
