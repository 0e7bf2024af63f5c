"""What a patch would do, in words."""

import pytest

from insvc.inspect.ahead import AheadOfTime, Effect
from insvc.inspect.forecast import forecast
from insvc.model.observation import HostObservation, Observation

CLOUD = Observation(hosts=(HostObservation(host="c0"), HostObservation(host="c1")))


def ahead(effect: Effect, *, before: str | None = "1.0-1") -> AheadOfTime:
    """One instance."""
    return AheadOfTime(
        host="c0",
        service="cinder-api",
        package="cinder",
        from_version=before,
        to_version="1.0-2",
        effect=effect,
    )


def test_each_host_that_changes_is_listed_with_what_becomes_of_its_services() -> None:
    assert forecast(CLOUD, [ahead(Effect.STALE)]) == (
        "c0",
        "  cinder-api  cinder 1.0-1 → 1.0-2  would run replaced code",
        "",
        "This patch would leave 1 instance with replaced code. Nothing was changed.",
    )


@pytest.mark.parametrize(
    ("effect", "words"),
    [
        (Effect.NEXT_RUN, "at its next run"),
        (Effect.NEXT_START, "does not run"),
        (Effect.UNKNOWN, "not known"),
    ],
)
def test_what_does_not_become_stale_says_why_and_does_not_count(effect: Effect, words: str) -> None:
    lines = forecast(CLOUD, [ahead(effect, before=None)])
    assert "cinder version unknown → 1.0-2" in lines[1]
    assert words in lines[1]
    assert lines[-1].startswith("This patch would leave 0 instances")


def test_a_silent_host_is_loud() -> None:
    silent = Observation(hosts=(HostObservation(host="c1", reachable=False),))
    lines = forecast(silent, [])
    assert lines[0] == "c1  DOES NOT ANSWER: nothing is known of it"
    assert "; NOTHING IS KNOWN of c1." in lines[-1]


def test_what_was_not_seen_or_is_not_installed_is_said() -> None:
    host = HostObservation(host="c0", unseen=("cron: no answer",))
    lines = forecast(Observation(hosts=(host,)), [ahead(Effect.STALE)], ["nova"])
    assert lines[3:5] == (
        "NOT SEEN: cron: no answer",
        "nova is not installed here: nothing runs what it replaces",
    )
