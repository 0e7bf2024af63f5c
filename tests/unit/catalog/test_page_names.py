"""Names of entries, services, managers and hosts."""

import pytest

from insvc.catalog.entry import Command
from insvc.catalog.page_names import (
    entry_name,
    manager_of,
    personalities,
    plain_title,
    service_names,
    title_names,
)
from insvc.model.words import Manager, Personality


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Web", "web"),
        ("IO-Watch", "io-watch"),
        ("store-disk & store-mon", "store"),
        ("store-disk and store-mon", "store"),
        ("alpha, beta", "alpha-beta"),
        ("Images (Consists of images-api)", "images"),
        ("Big Web Server", "big-web-server"),
        ("&", ""),
    ],
)
def test_the_title_gives_the_name(title: str, name: str) -> None:
    assert entry_name(title) == name


def test_a_list_of_parts_is_no_part_of_the_title() -> None:
    assert plain_title("Images (Consists of images-api and images-db)") == "Images"
    assert plain_title("Images (old)") == "Images (old)"
    assert title_names("A-x & A-y") == ("a-x", "a-y")


@pytest.mark.parametrize(
    ("title", "function", "command", "services"),
    [
        ("store-disk & store-mon", "", "wrapper restart", ("store-disk", "store-mon")),
        ("auth-all", "", "sm-restart-safe service auth", ("auth",)),
        ("Watch", "", "/usr/sbin/pmon-restart watch-manager", ("watch-manager",)),
        (
            "Images",
            "restarts images-api and images-db.",
            "restart-images",
            ("images-api", "images-db"),
        ),
        ("Images (contains images-api)", "", "restart-images", ("images-api",)),
        ("web", "The web-like thing", "sm-restart service web", ("web",)),
        ("poller", "Polls", "/etc/init.d/vendor-poller restart", ("poller",)),
        ("", "", "", ()),
    ],
)
def test_services_are_found(
    title: str, function: str, command: str, services: tuple[str, ...]
) -> None:
    assert service_names(title, function, (Command(run=command),)) == services


def test_managers_have_several_spellings() -> None:
    spelt = ("PMON", " sm ", "CRON", "systemd", "Pacemaker", "", "N/A", "SM (cloud)")
    assert [manager_of(one) for one in spelt] == [
        Manager.PMON,
        Manager.SM,
        Manager.CRON,
        Manager.SYSTEMD,
        Manager.PACEMAKER,
        Manager.NONE,
        Manager.NONE,
        Manager.SM,
    ]
    assert manager_of("SM/PMON") is None


@pytest.mark.parametrize(
    ("manager", "title", "about", "hosts", "expected"),
    [
        (Manager.SM, "web", "on compute nodes", "", {Personality.CONTROLLER}),
        (Manager.CRON, "job", "", "", {Personality.CONTROLLER}),
        (Manager.NONE, "sm-thing", "", "", {Personality.CONTROLLER}),
        (Manager.PMON, "agent", "Agent on compute node", "", {Personality.WORKER}),
        (Manager.PMON, "agent", "Agent on worker hosts", "", {Personality.WORKER}),
        (Manager.PMON, "nova-compute", "", "", {Personality.WORKER}),
        (Manager.PMON, "bgp", "speaker on controller", "", {Personality.CONTROLLER}),
        (
            Manager.PMON,
            "ceph",
            "storage load",
            "on storage-0 and ctrl-1",
            {Personality.CONTROLLER, Personality.STORAGE},
        ),
        (Manager.PMON, "poller", "polls", "", set(Personality)),
    ],
)
def test_where_it_runs(
    manager: Manager, title: str, about: str, hosts: str, expected: set[Personality]
) -> None:
    assert set(personalities(manager, title, about, hosts)) == expected
