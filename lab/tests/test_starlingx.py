"""Stand-ins for StarlingX's managers on a real host with systemd: from a scan to the proof."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from lab.host import Host
from tests.fakes import starlingx

DATABASE = """
import sqlite3
with sqlite3.connect("/var/run/sm/sm.db") as held:
    held.executescript({tables!r})
    for name, path in (("vim", "/var/run/vim.pid"), ("vim-api", "/var/run/vim-api.pid"),
                       ("oam-ip", "")):
        held.execute("INSERT INTO SERVICES (PROVISIONED, NAME, DESIRED_STATE, STATE, STATUS,"
                     " CONDITION, PID_FILE) VALUES ('yes', ?, 'enabled-active', 'enabled-active',"
                     " 'none', '', ?)", (name, path))
    held.execute("INSERT INTO SERVICE_DEPENDENCY VALUES"
                 " ('action', 'vim-api', '', 'enable', 'vim', 'enabled-active')")
"""
BEGIN = 'setsid "$0" 1000 > /dev/null 2>&1 < /dev/null & echo $! > "$1"'


@pytest.fixture(scope="module")
def controller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """A host on which pmon keeps two processes and sm two services and an address."""
    made = tmp_path_factory.mktemp("starlingx")
    starlingx.sm(made)
    starlingx.pmon(made)
    with Host("stx") as host:
        for path in sorted((made / "usr/bin").iterdir()):
            _, _, text = path.read_text().partition("\n")
            host.put(f"/usr/bin/{path.name}", f"#!/usr/bin/python3\n{text}", mode=0o755)
        host.run("cp /bin/sleep /usr/sbin/daemon; cp /bin/sleep /usr/bin/sm; mkdir -p /run/sm")
        host.run(["python3", "-c", DATABASE.format(tables=starlingx.TABLES)])
        for name in ("fm-api", "sm-api"):
            host.put(f"/etc/pmon.d/{name}.conf", starlingx.CONF.format(name=name, more=""))
        host.unit("sm.service", "/usr/bin/sm 10000")
        for name in ("vim", "vim-api", "fm-api", "sm-api"):
            host.run(["sh", "-c", BEGIN, "/usr/sbin/daemon", f"/var/run/{name}.pid"])
        yield host


def pids(host: Host) -> dict[str, str]:
    names = ("vim", "vim-api", "fm-api", "sm-api")
    return {one: host.get(f"/var/run/{one}.pid").strip() for one in names}


def scan(host: Host) -> dict[str, dict[str, Any]]:
    told = json.loads(host.run("insvc scan --local --all --json").output)
    return {one["service"]: one for one in told["hosts"][0]["instances"]}


def replace(host: Host) -> None:
    host.run("cd /usr/sbin && cp daemon new && echo >> new && mv new daemon")


def test_what_is_stale_is_restarted_by_its_own_manager(controller: Host) -> None:
    before = pids(controller)
    seen = scan(controller)
    assert {name: seen[name]["manager"] for name in ("vim", "fm-api", "oam-ip")} == {
        "vim": "sm",
        "fm-api": "pmon",
        "oam-ip": "sm",
    }
    replace(controller)
    brief = json.loads(controller.run("insvc scan --local --json").output)
    stale = {
        one["service"]: one.get("manager")
        for one in brief["hosts"][0]["instances"]
        if one["verdict"] == "stale"
    }
    assert stale == {"vim": "sm", "vim-api": "sm", "fm-api": "pmon", "sm-api": "pmon"}

    done = controller.run("insvc restart --local --stale --yes --json < /dev/null", check=False)

    assert done.status == 0, done.output + done.errors
    steps = {one["service"]: one["outcome"] for one in json.loads(done.output)["steps"]}
    assert steps == {"vim": "restarted", "vim-api": "restarted", "fm-api": "restarted"}
    after = pids(controller)
    assert all(after[name] != before[name] for name in steps)
    assert after["sm-api"] == before["sm-api"], "the page says that it is not patchable in service"
    assert {name for name, one in scan(controller).items() if one["verdict"] == "stale"} == {
        "sm-api"
    }


def test_a_manager_that_gives_up_fails_the_run_by_name(controller: Host) -> None:
    controller.put("/ways", "fatal")
    done = controller.run("insvc restart --local vim --yes --json < /dev/null", check=False)
    assert done.status == 5, done.output + done.errors
    (step,) = json.loads(done.output)["steps"]
    assert step["outcome"] == "failed"
    assert "fatal-failure" in step["why"]
    assert scan(controller)["vim"]["state"] == "failed"
