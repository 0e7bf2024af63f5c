"""From the page's command lines to the files behind them."""

import pytest

from insvc.adapters.catalog_files import builtin
from insvc.catalog.entry import Catalog, Command, Entry, Service
from insvc.compat.commands import COMMANDS
from insvc.compat.page_files import PageFile, file_of, lines_of, page_files
from insvc.model.words import Manager

PAGE = builtin("titanium")


def an_entry(*lines: str, name: str = "web") -> Entry:
    """A row that prints these lines."""
    return Entry(
        name=name,
        title=name,
        function="Serves pages",
        in_service_patchable=True,
        managed_by=Manager.SM,
        services=(Service(name=name),),
        restart=tuple(Command(run=one) for one in lines),
    )


def test_there_is_a_file_behind_every_line_of_the_page() -> None:
    lines = [(entry, line) for entry in PAGE.entries for line in lines_of(entry)]
    assert len(lines) > 80
    assert [line for entry, line in lines if file_of(line, entry, COMMANDS) is None] == []


def test_every_command_of_ours_has_one_place() -> None:
    files = page_files(PAGE, COMMANDS)
    assert len({one.path for one in files}) == len(files)
    assert {one.command for one in files} == set(COMMANDS)


@pytest.mark.parametrize(
    ("line", "file"),
    [
        (
            "/etc/init.d/web restart",
            PageFile(path="etc/init.d/web", command="insvc-init-script", service="web"),
        ),
        (
            "/etc/init.d/openstack-web restart",
            PageFile(path="etc/init.d/openstack-web", command="insvc-init-script", service="web"),
        ),
        (
            "/bin/sh /usr/lib/ocf/resource.d/openstack/web stop",
            PageFile(
                path="usr/lib/ocf/resource.d/openstack/web",
                command="insvc-ocf-agent",
                service="web",
            ),
        ),
        ("/bin/nova-restart", PageFile(path="bin/nova-restart", command="nova-restart")),
        ("sm-query service web", PageFile(path="usr/bin/sm-query", command="sm-query")),
        ("pmon-stop web", PageFile(path="usr/local/sbin/pmon-stop", command="pmon-stop")),
        ("/etc/init.d/other restart", None),
        ("/usr/sbin/service web restart", None),
        ("systemctl restart web", None),
        ("", None),
    ],
)
def test_a_line_tells_its_file(line: str, file: PageFile | None) -> None:
    assert file_of(line, an_entry(line), COMMANDS) == file


def test_lines_that_are_not_ours_have_no_file() -> None:
    catalog = Catalog(entries=(an_entry("systemctl restart web", "/etc/init.d/web restart"),))
    assert [one.path for one in page_files(catalog, ())] == ["etc/init.d/web"]


def test_what_a_command_runs_in_turn_is_printed_too() -> None:
    entry = next(one for one in PAGE.entries if one.name == "haproxy")
    assert lines_of(entry) == (
        "sm-restart-safe service haproxy",
        "/bin/sh /etc/init.d/haproxy stop",
        "/bin/sh /etc/init.d/haproxy start",
        "/usr/local/sbin/patch-restart-haproxy",
    )
