"""Facts in free text."""

import pytest

from insvc.catalog.entry import (
    AtMostOneDown,
    AvoidTogether,
    Before,
    CarriesTraffic,
    ClearSessions,
    GracefulWindow,
    Impact,
    ReapOrphans,
)
from insvc.catalog.page_facts import (
    ASSUMED_WINDOW_S,
    enumerations,
    is_label,
    one_down_rules,
    order_rules,
    orphan_rule,
    read_impact,
    seconds,
    sentences,
    session_rule,
    speaks_of_hosts_together,
    traffic_rule,
    window_rule,
)


def impact_of(text: str) -> Impact:
    return read_impact(text, is_scheduled=False)


@pytest.mark.parametrize(
    ("count", "unit", "expected"),
    [
        ("10", "millisecond", 0.01),
        ("5", "us", 5e-6),
        ("3", "microseconds", 3e-6),
        ("30", "secs", 30),
        ("1.5", "s", 1.5),
        ("a", "minute", 60),
        ("half a", "min", 30),
        ("2", "ms", 0.002),
    ],
)
def test_durations_are_read_in_any_unit(count: str, unit: str, expected: float) -> None:
    assert seconds(count, unit) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "outstanding"),
    [
        ("Outstanding requests will fail.", "fail"),
        ("Calls fail, CLI requests will fail too.", "fail"),
        ("The outstanding requests continue.", "complete"),
        ("Outstanding work is delayed.", "delayed"),
        ("There is no impact.", "none"),
        ("Something happens.", "unknown"),
    ],
)
def test_outstanding_requests(text: str, outstanding: str) -> None:
    assert impact_of(text).outstanding_requests == outstanding


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("New requests are queued.", "queued"),
        ("New requests will be served.", "served"),
        ("New requests are not affected.", "none"),
        ("Clients get a connection error.", "refused"),
        ("Nothing is sent until the service is back.", "delayed"),
        ("No impact.", "none"),
        ("Something happens.", "unknown"),
    ],
)
def test_new_requests(text: str, new: str) -> None:
    assert impact_of(text).new_requests == new


@pytest.mark.parametrize(
    ("text", "recovers"),
    [
        ("Stacks must be re-initiated.", "operator"),
        ("Commands have to be re-issued.", "retry"),
        ("It connects again automatically.", "by-itself"),
        ("Something happens.", "unknown"),
    ],
)
def test_what_brings_clients_back(text: str, recovers: str) -> None:
    assert impact_of(text).recovers == recovers


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("May lose some rows if stopped.", ("rows",)),
        ("May lose rows. May lose rows. May lose lines (few).", ("rows", "lines")),
        (
            "May lose rows in memory: 10 ms window for cpu_source, "
            "0.5 milliseconds to 2 s for net sources.",
            (
                "rows of the cpu source: a window of 10 ms",
                "rows of the net source: a window of 0.5 ms to 2 s",
            ),
        ),
        ("A 10 ms window for cpu_source.", ()),
        ("May lose rows: a window of 0.5 s.", ("rows: a window of 0.5 s",)),
    ],
)
def test_what_may_be_lost(text: str, lost: tuple[str, ...]) -> None:
    assert impact_of(text).may_lose == lost


def test_the_longest_time_and_the_whole_text_are_kept() -> None:
    impact = impact_of("It takes less than a minute.")
    assert (impact.longest_s, impact.note) == (60, "It takes less than a minute.")
    assert impact_of("It takes long.").longest_s is None


def test_delays_told_under_special_handling_count() -> None:
    told = read_impact("No impact.", is_scheduled=False, care="It means a delay to the API.")
    assert (told.outstanding_requests, told.new_requests) == ("delayed", "delayed")
    assert told.note == "No impact."


def test_a_scheduled_job_interrupts_nobody() -> None:
    impact = read_impact("Whatever.", is_scheduled=True)
    assert (impact.outstanding_requests, impact.new_requests) == ("none", "none")
    assert impact.recovers == "by-itself"


def test_a_graceful_window_is_read_with_its_end() -> None:
    assert window_rule("What takes more than 45 secs is killed.") == GracefulWindow(timeout_s=45)
    assert window_rule("What takes longer than 5 s is left running.") == GracefulWindow(
        timeout_s=5, on_timeout="leave"
    )


def test_a_window_without_a_number_is_assumed() -> None:
    assert window_rule("Outstanding requests finish.") == GracefulWindow(timeout_s=ASSUMED_WINDOW_S)
    assert window_rule("Requests fail.") is None


def test_users_who_are_logged_out() -> None:
    assert session_rule("All users are logged out.") == ClearSessions(path="")
    assert session_rule("Logged out (/var/tmp/session*).") == ClearSessions(
        path="/var/tmp/session*"
    )
    assert session_rule("Nothing happens.") is None
    assert impact_of("User sessions are lost.").sessions == "lost"


def test_a_proxy_carries_traffic() -> None:
    assert traffic_rule("A proxy for all") == CarriesTraffic()
    assert traffic_rule("A database") is None


def test_helpers_that_must_end_too() -> None:
    assert orphan_rule("Kill the metadata relay processes.", "dhcp") == ReapOrphans(
        match="metadata.*relay", of="dhcp"
    )
    assert orphan_rule("Kill the processes that match `a-(b)?c` with it.", "dhcp") == ReapOrphans(
        match="a-(b)?c", of="dhcp"
    )
    assert orphan_rule("The process is killed.", "dhcp") is None


def test_sentences_end_at_stops_and_numbered_points() -> None:
    text = "One is 0.5 s. Two: (1) first; (2) second? Three"
    assert sentences(text) == ("One is 0.5 s.", "Two:", "(1) first;", "(2) second?", "Three")


def test_one_down_needs_a_name_and_a_prohibition() -> None:
    services = ("disk", "mon")
    forbids = ["Never restart two of the three mon at once."]
    assert list(one_down_rules(forbids, services)) == [AtMostOneDown(service="mon")]
    assert list(one_down_rules(["It goes on while two of the three mon vote."], services)) == []
    assert list(one_down_rules(["Never two of the three."], services)) == []


def test_who_goes_first_and_who_stays_apart() -> None:
    known = {"web"}
    assert list(order_rules("Restart before web or mail.", [], known, is_local=True)) == [
        Before(entries=("web", "mail"), where="active-controller")
    ]
    assert list(order_rules("Not at the same time with web.", [], known, is_local=False)) == [
        AvoidTogether(entries=("web",))
    ]
    assert list(order_rules("Restart before the others.", [("web",)], known, is_local=False)) == [
        Before(entries=("web",))
    ]
    assert list(order_rules("Nothing of the kind.", [("web",)], known, is_local=False)) == []


def test_lists_of_hosts_are_no_lists_of_entries() -> None:
    assert enumerations("with storage-0, ctrl-1 or ctrl-0", set()) == []
    assert enumerations("with alpha, beta or gamma", set()) == [("alpha", "beta", "gamma")]
    assert enumerations("before the storm", set()) == []


def test_hosts_that_stay_apart_and_labels() -> None:
    assert speaks_of_hosts_together("Avoid ctrl-0 & storage-0 at the same time.")
    assert not speaks_of_hosts_together("Avoid ctrl-0 at the same time.")
    assert not speaks_of_hosts_together("ctrl-0 and ctrl-1 are hosts.")
    assert is_label("Advice:")
    assert not is_label("Advice: do it.")
