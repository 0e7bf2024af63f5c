"""Whose the logins of a machine are."""

from pathlib import Path

from insvc.adapters.people import with_people
from insvc.catalog.entry import Entry, Note
from tests.unit.plan.sample import entry


def notes(entries: tuple[Entry, ...]) -> list[list[str]]:
    """The notes of each entry."""
    return [
        [rule.text for rule in one.special_handling if isinstance(rule, Note)] for one in entries
    ]


def test_logins_and_users_managers_say_whose_they_are(tmp_path: Path) -> None:
    for name, text in {"sessions/3": "UID=7\nUSER=lab\n", "users/7": "NAME=lab\n"}.items():
        path = tmp_path / "run/systemd" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    names = ("session-3.scope", "user@7.service", "user@8.service", "ssh.service")
    known = tuple(entry(name, name) for name in names)
    told = with_people(known, {"user@7.service": ("mine.service",)}, tmp_path)
    assert notes(told) == [
        ["It is a login of lab, who logs out and in again."],
        [
            "It is lab's, who renews it by `systemctl --user restart mine.service` "
            "(root begins it with `runuser -u lab -- env XDG_RUNTIME_DIR=/run/user/7`)."
        ],
        [],
        [],
    ]
    assert told[3] is known[3]


def test_an_entry_without_a_service_is_nobodys(tmp_path: Path) -> None:
    known = entry("none")
    assert with_people((known,), {}, tmp_path) == (known,)
