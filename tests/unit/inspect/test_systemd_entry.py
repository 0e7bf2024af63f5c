"""What can be learnt from systemd about a unit that no catalog knows."""

from insvc.catalog.entry import Note
from insvc.inspect.systemd_entry import action_of, entry_of, needs, replaces_itself
from insvc.inspect.systemd_unit import UnitFacts
from insvc.model.words import Action, Manager, Personality, Redundancy, RestartClass

A = "a.service"


def haproxy(
    *arguments: str, reload: tuple[str, ...] = ("/bin/kill", "-USR2", "$MAINPID")
) -> UnitFacts:
    return UnitFacts(
        name="haproxy.service",
        can_reload=True,
        start=(("/usr/sbin/haproxy", *arguments),),
        reload=(("/usr/sbin/haproxy", "-c"), reload),
    )


def test_an_entry_says_that_it_was_discovered() -> None:
    entry = entry_of(UnitFacts(name=A, title="A thing", stop_limit_s=90.0, start_limit_s=30.0))
    assert (entry.name, entry.function, entry.managed_by) == (A, "A thing", Manager.SYSTEMD)
    assert (entry.runs_on, entry.redundancy) == ((Personality.HOST,), Redundancy.PER_HOST)
    assert [one.name for one in entry.services] == [A]
    assert (entry.action, entry.restart_class) == (Action.RESTART, RestartClass.AUTO)
    assert entry.impact.longest_s == 120.0
    assert set(entry.provenance.values()) == {"discovered"}


def test_a_unit_without_description_is_called_by_its_name() -> None:
    assert entry_of(UnitFacts(name=A)).function == A


def test_what_may_take_for_ever_has_no_longest_time() -> None:
    assert entry_of(UnitFacts(name=A, stop_limit_s=90.0)).impact.longest_s is None


def test_a_job_is_left_to_its_next_run() -> None:
    entry = entry_of(UnitFacts(name=A, kind="oneshot"))
    assert (entry.action, entry.impact.new_requests) == (Action.NEXT_RUN, "none")


def test_a_socket_that_stays_open_makes_it_a_handoff() -> None:
    unit = UnitFacts(name=A, triggered_by=("a.socket",))
    assert action_of(unit, ["a.socket"]) is Action.HANDOFF
    assert action_of(unit, ["b.socket"]) is Action.RESTART
    assert entry_of(unit, ["a.socket"]).impact.new_requests == "queued"


def test_haproxy_with_a_master_replaces_itself_on_reload() -> None:
    assert replaces_itself(haproxy("-Ws", "-f", "x"))
    assert replaces_itself(haproxy("-W", reload=("/bin/kill", "-s", "SIGUSR2", "$MAINPID")))
    assert action_of(haproxy("-Ws")) is Action.HANDOFF


def test_any_other_reload_is_not_trusted_to_load_new_code() -> None:
    assert not replaces_itself(haproxy("-D"))
    assert not replaces_itself(haproxy("-Ws", reload=("/bin/kill", "-HUP", "$MAINPID")))
    assert not replaces_itself(haproxy("-Ws", reload=("/bin/kill", "-USR2", "1")))
    assert not replaces_itself(haproxy("-Ws", reload=("/bin/true", "-USR2", "$MAINPID")))
    assert not replaces_itself(UnitFacts(name=A, start=haproxy("-Ws").start))
    assert not replaces_itself(UnitFacts(name=A, can_reload=True))
    assert action_of(UnitFacts(name=A, can_reload=True)) is Action.RESTART


def test_services_that_it_requires_and_starts_after_are_needed_first() -> None:
    unit = UnitFacts(
        name=A,
        requires=("b.service", "c.service", "x.target"),
        bound_to=("d.service",),
        after=("b.service", "d.service", "e.service", "x.target"),
    )
    assert needs(unit) == ("b.service", "d.service")


def test_what_systemd_refuses_to_stop_only_a_reboot_cures() -> None:
    for unit in (UnitFacts(name=A, refuses_stop=True), UnitFacts(name=A, refuses_start=True)):
        entry = entry_of(unit)
        assert entry.restart_class is RestartClass.REBOOT_ONLY
        assert [type(one) for one in entry.special_handling] == [Note]


def test_work_made_at_run_time_is_not_repeated_unasked() -> None:
    entry = entry_of(UnitFacts(name=A, is_transient=True))
    assert entry.restart_class is RestartClass.DEFERRED
    assert "must not run twice" in str(entry.special_handling)


def test_what_ran_once_and_stays_is_not_repeated_unasked() -> None:
    entry = entry_of(UnitFacts(name=A, kind="oneshot", stays=True))
    assert (entry.action, entry.restart_class) == (Action.RESTART, RestartClass.DEFERRED)
    assert "undoes and repeats" in str(entry.special_handling)
