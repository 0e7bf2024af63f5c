"""Real init scripts of Debian on a real host without systemd."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from lab import image, packages
from lab.sysvinit import SysvinitHost

LIBRARY = "/usr/lib/x86_64-linux-gnu/libcrypto.so.3"


@pytest.fixture(scope="module")
def host() -> Iterator[SysvinitHost]:
    image.build(["sysvinit"])
    with SysvinitHost() as booted:
        yield booted


def scan(host: SysvinitHost) -> dict[str, dict[str, Any]]:
    told = json.loads(host.run("insvc scan --local --all --json").output)
    (seen,) = told["hosts"]
    return {one["service"]: one for one in seen["instances"]}


def pid_of(host: SysvinitHost, path: str) -> str:
    return host.run(["cat", path]).output.split()[0]


def test_every_daemon_of_the_host_is_its_scripts(host: SysvinitHost) -> None:
    assert host.run(["cat", "/proc/1/comm"]).output.strip() == "init"
    seen = scan(host)
    for name in ("apache2", "cron", "dbus", "haproxy", "supervisor"):
        assert (name, seen[name]["manager"], seen[name]["state"]) == (name, "lsb", "running")
    daemons = host.run("pgrep -cx 'apache2|cron|dbus-daemon|haproxy|supervisord'").output
    owned = sum(len(one["processes"]) for one in seen.values() if one.get("manager") == "lsb")
    assert owned == int(daemons)


def test_what_an_upgrade_made_stale_is_restarted_by_its_script_and_nothing_else(
    host: SysvinitHost,
) -> None:
    before = {
        name: pid_of(host, path)
        for name, path in (
            ("haproxy", "/run/haproxy.pid"),
            ("apache2", "/run/apache2/apache2.pid"),
            ("cron", "/run/crond.pid"),
        )
    }
    real = host.run(f"realpath {LIBRARY}").output.strip()
    packages.upgrade(host, "libssl3", [real])
    seen = scan(host)
    assert seen["haproxy"]["verdict"] == "stale"
    assert seen["cron"]["verdict"] == "current"

    done = host.run("insvc restart --local haproxy --yes --json < /dev/null", check=False)

    assert done.status == 0, done.output + done.errors
    (step,) = json.loads(done.output)["steps"]
    assert (step["service"], step["outcome"]) == ("haproxy", "restarted")
    assert step["outage_s"] > 0
    assert pid_of(host, "/run/haproxy.pid") != before["haproxy"]
    assert pid_of(host, "/run/crond.pid") == before["cron"]
    assert pid_of(host, "/run/apache2/apache2.pid") == before["apache2"]
    assert scan(host)["haproxy"]["verdict"] == "current"


def test_cron_and_apache_are_restarted_for_real(host: SysvinitHost) -> None:
    for name, path in (("cron", "/run/crond.pid"), ("apache2", "/run/apache2/apache2.pid")):
        before = pid_of(host, path)
        done = host.run(f"insvc restart --local {name} --yes < /dev/null", check=False)
        assert done.status == 0, done.output + done.errors
        assert pid_of(host, path) != before


def test_a_script_that_says_it_is_done_and_did_nothing_fails_the_run(host: SysvinitHost) -> None:
    before = pid_of(host, "/run/crond.pid")
    host.run("cp -p /etc/init.d/cron /root/cron")
    host.run(r"sed -i '2i [ \"$1\" = restart ] && exit 0' /etc/init.d/cron")
    assert host.run("/etc/init.d/cron restart").status == 0
    done = host.run("insvc restart --local cron --yes --json < /dev/null", check=False)
    host.run("cp -p /root/cron /etc/init.d/cron")
    assert done.status == 5
    (step,) = json.loads(done.output)["steps"]
    assert step["outcome"] == "failed"
    assert "its old process is still there" in step["why"]
    assert pid_of(host, "/run/crond.pid") == before


def test_a_script_that_others_may_write_is_refused(host: SysvinitHost) -> None:
    before = pid_of(host, "/run/crond.pid")
    host.run("chmod 777 /etc/init.d/cron")
    done = host.run("insvc restart --local cron --yes < /dev/null", check=False)
    host.run("chmod 755 /etc/init.d/cron")
    assert done.status != 0
    assert "may be written by others" in done.output + done.errors
    assert pid_of(host, "/run/crond.pid") == before


def test_what_was_stopped_is_left_down(host: SysvinitHost) -> None:
    host.run("/etc/init.d/apache2 stop")
    host.until("! pgrep -x apache2")
    assert scan(host)["apache2"]["state"] == "stopped"
    host.run("insvc restart --local apache2 --yes < /dev/null", check=False)
    assert host.run("pgrep -x apache2", check=False).status == 1
    host.run("/etc/init.d/apache2 start")
