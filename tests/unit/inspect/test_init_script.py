"""`insvc.inspect.init_script`: scripts of init systems read as text."""

import pytest

from insvc.inspect.init_script import (
    Found,
    InitScript,
    entry_of,
    is_meant_to_run,
    read_script,
    row_of,
    state_of,
)
from insvc.model.words import Action, InstanceState, Manager, Personality

HEADER = """#!/bin/sh
### BEGIN INIT INFO
# Provides:          web www
# Required-Start:    $remote_fs db
#   not-a-field
# Short-Description: serves pages
# Short-Description: said twice
### END INIT INFO
"""


def read(text: str, name: str = "web") -> InitScript:
    script = read_script(name, text)
    assert script is not None
    return script


def test_the_header_tells_what_the_service_is() -> None:
    script = read(HEADER)
    assert script.provides == ("web", "www")
    assert script.needs == ("$remote_fs", "db")
    assert script.description == "serves pages"
    assert script.program is None
    assert script.pidfiles == ()


@pytest.mark.parametrize(
    "text",
    ["", "#!/bin/sh\nDAEMON=/usr/sbin/web\n", "### BEGIN INIT INFO\n# Provides: web\n",
     "### END INIT INFO\n### BEGIN INIT INFO\n"],
)  # fmt: skip
def test_a_script_without_a_whole_header_is_none_of_ours(text: str) -> None:
    assert read_script("web", text) is None


def test_older_comments_stand_in_for_a_header() -> None:
    script = read(
        "#!/bin/bash\n# chkconfig: 345 20 80\n# processname: /usr/sbin/webd\n"
        "# pidfile: /var/run/webd/pid\n"
    )
    assert script.provides == ("web",)
    assert script.program == "/usr/sbin/webd"
    assert script.pidfiles == ("/var/run/webd/pid",)


@pytest.mark.parametrize(
    ("lines", "program", "pidfiles"),
    [
        (
            "DAEMON=/usr/sbin/webd\nPIDFILE=/run/w.pid",
            "/usr/sbin/webd",
            ("/run/w.pid",),
        ),
        (
            "NAME=webd\nDAEMON=\"/usr/sbin/$NAME\"\nPIDFILE='/run/${NAME}/pid'\nPIDFILE=/x",
            "/usr/sbin/webd",
            ("/run/webd/pid",),
        ),
        (
            "export DIR=${WEB_DIR:-/run/web}\nPIDFILE=$DIR/pid # told\nprog=/opt/web/bin/web",
            "/opt/web/bin/web",
            ("/run/web/pid",),
        ),
        (
            "BASE=web\nOTHER=/etc/web\nWEB=/usr/sbin/${BASE}\nPIDFILE=$(. /etc/vars && echo $P)",
            "/usr/sbin/web",
            ("/run/web.pid", "/run/web/web.pid"),
        ),
        (
            "DAEMON=/usr/sbin/webd\nPIDFILE=$UNKNOWN",
            "/usr/sbin/webd",
            ("/run/web.pid", "/run/web/web.pid", "/run/webd.pid", "/run/webd/webd.pid"),
        ),
        ("DAEMON=/sbin/sysctl\nPIDFILE=none", None, ()),
        ("DAEMON=$UNKNOWN/webd\nPIDFILE=`cat x`", None, ()),
        ("DAEMON=/usr/../etc/webd\nPIDFILE=/run/../../x", None, ()),
        ("DAEMON=$DAEMON/x\nPIDFILE=\"/run/$(id)\"", None, ()),
        ("  DAEMON=/usr/sbin/indented", None, ()),
        ("PIDFILE=/run/alone.pid", None, ("/run/alone.pid",)),
        ("A='/run/a\"\nPIDFILE=$A", None, ()),
    ],
)  # fmt: skip
def test_program_and_pid_file_are_told_only_where_the_text_says_them(
    lines: str, program: str | None, pidfiles: tuple[str, ...]
) -> None:
    script = read(f"{HEADER}{lines}\n")
    assert script.program == program
    assert script.pidfiles == pidfiles


def test_values_that_grow_without_end_are_given_up() -> None:
    script = read(f"{HEADER}A=$B$B$B$B$B$B$B$B$B\nB=$A$A$A$A$A$A$A$A$A\nDAEMON=$A\n")
    assert script.program is None


def test_a_script_offers_the_actions_that_it_names() -> None:
    cases = 'case "$1" in\n  start|force-start)\n;;\n stop )\n;;\n "status")\n;;\nrestart() {\n'
    assert read(HEADER + cases).offers == {"start", "stop", "status"}
    assert read(HEADER + "echo restart|status\n").offers == set()
    assert read(HEADER + "(reload|restart)\n").offers == {"restart"}
    made = HEADER.replace("#!/bin/sh", "#!/usr/bin/env /lib/init/init-d-script")
    assert read(made).offers == {"start", "stop", "restart", "status"}


@pytest.mark.parametrize(
    ("found", "state", "desired"),
    [
        (Found(pid=7), InstanceState.RUNNING, InstanceState.RUNNING),
        (Found(left="/run/web.pid"), InstanceState.FAILED, InstanceState.RUNNING),
        (Found(is_enabled=True), InstanceState.STOPPED, InstanceState.STOPPED),
        (Found(), InstanceState.DISABLED, InstanceState.STOPPED),
        (Found(is_unclear=True), InstanceState.UNKNOWN, InstanceState.RUNNING),
    ],
)
def test_what_was_found_tells_the_state(
    found: Found, state: InstanceState, desired: InstanceState
) -> None:
    row = row_of(read(HEADER), found)
    assert (row.name, row.manager, row.state, row.desired) == ("web", Manager.LSB, state, desired)
    assert row.pid == found.pid
    assert state_of(found) is state
    assert is_meant_to_run(found) is (desired is InstanceState.RUNNING)


def test_an_entry_needs_what_its_header_names_and_a_script_provides() -> None:
    web = read(HEADER + "PIDFILE=/run/w.pid\n", "Web")
    base = HEADER.replace("web www", "db Web")
    entry = entry_of(web, [web, read(base, "postgres")])
    assert (entry.name, entry.title, entry.function) == ("web", "Web", "serves pages")
    assert entry.depends_on == ("postgres",)
    assert entry.managed_by is Manager.LSB
    assert entry.action is Action.RESTART
    assert entry.runs_on == (Personality.HOST,)
    assert [(one.name, one.pidfile) for one in entry.services] == [("Web", "/run/w.pid")]
    assert entry.provenance["services"] == "discovered: /etc/init.d/Web"


def test_an_entry_of_a_bare_script_needs_nothing_and_never_itself() -> None:
    script = read("# chkconfig: - 1 2\n")
    assert entry_of(script, []).function == "a service that a script in /etc/init.d starts"
    assert entry_of(script, [script]).depends_on == ()
    itself = read(HEADER.replace("$remote_fs db", "www"))
    assert entry_of(itself, [itself]).depends_on == ()
