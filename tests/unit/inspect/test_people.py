"""Whose a login is, and what to do about it."""

import pytest

from insvc.catalog.entry import Note
from insvc.inspect.evidence import Finding
from insvc.inspect.people import told_user, user_units, way, with_way
from insvc.inspect.signs import Trace
from insvc.model.observation import Evidence, ProcessIdentity
from insvc.model.words import EvidenceKind
from tests.unit.plan.sample import entry

FOUND = (Finding(Evidence(kind=EvidenceKind.MAPPING_REPLACED, subject="/x"), is_proof=True),)
USERS = "/user.slice/user-7.slice/user@7.service"


def trace(group: str, *, is_stale: bool = True) -> Trace:
    identity = ProcessIdentity(boot_id="b", pid=9, start_ticks=1)
    return Trace(identity, 1, group, "x", FOUND if is_stale else ())


def test_the_units_of_a_users_manager_are_told_where_something_was_found() -> None:
    traces = [
        trace(f"{USERS}/app.slice/b.service"),
        trace(f"{USERS}/app.slice/a.service/sub"),
        trace(f"{USERS}/app.slice/a.service"),
        trace(f"{USERS}/app.slice/fine.service", is_stale=False),
        trace(f"{USERS}/app.slice/o d`d.service"),
        trace("/system.slice/ssh.service"),
        trace("/machine.slice/machine-x.scope/user@7.service/c.service"),
    ]
    assert user_units(traces) == {"user@7.service": ("a.service", "b.service")}


@pytest.mark.parametrize(
    ("text", "user"),
    [
        ("UID=7\nUSER=lab\nACTIVE=1\n", "lab"),
        ("NAME=lab.x-1\n", "lab.x-1"),
        ("USER=`reboot`\n", ""),
        ("USER=a b\n", ""),
        ("UID=7\n", ""),
        ("", ""),
    ],
)
def test_only_a_plain_name_is_taken(text: str, user: str) -> None:
    assert told_user(text) == user


@pytest.mark.parametrize(
    ("service", "units", "words"),
    [
        ("session-3.scope", (), "It is a login of lab, who logs out and in again."),
        ("session-c1.scope", (), "It is a login of lab, who logs out and in again."),
        (
            "user@7.service",
            ("a.service", "b.service"),
            "It is lab's, who renews it by `systemctl --user restart a.service b.service` "
            "(root begins it with `runuser -u lab -- env XDG_RUNTIME_DIR=/run/user/7`).",
        ),
        (
            "user@7.service",
            ("init.scope",),
            "It is lab's, who renews it by `systemctl --user daemon-reexec` "
            "(root begins it with `runuser -u lab -- env XDG_RUNTIME_DIR=/run/user/7`).",
        ),
        (
            "user@7.service",
            (),
            "It is lab's, who renews it by logging out of every session and in again.",
        ),
        ("ssh.service", (), None),
        ("session-x.scope", (), None),
    ],
)
def test_the_way_depends_on_what_it_is(
    service: str, units: tuple[str, ...], words: str | None
) -> None:
    assert way(service, "lab", units) == words


@pytest.mark.parametrize("service", ["session-3.scope", "user@7.service"])
def test_where_nobody_knows_whose_it_is_nothing_is_said(service: str) -> None:
    assert way(service, "", ("a.service",)) is None


def test_the_way_is_said_first() -> None:
    known = entry("session", special_handling=(Note(text="log out"),))
    assert with_way(known, None) is known
    told = with_way(known, "ask lab").special_handling
    assert told == (Note(text="ask lab"), Note(text="log out"))
