"""pmon, sm and cron of the embedded cloud while the clock of their host is set."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from lab import agents
from lab.clock import FAKETIME, RELATIVE_SLEEP, set_clock
from lab.host import Host
from lab.image import build

SM = f"""
import os, sys
if "LD_PRELOAD" not in os.environ:
    more = dict(word.split("=", 1) for word in "{FAKETIME}".split())
    os.execve(sys.executable, sys.orig_argv, {{**os.environ, **more}})
{RELATIVE_SLEEP}
sys.path.insert(0, os.environ["INSVC_LIBRARY"])
from insvc.agent.sm_daemon import main
main()
"""
SERVICE = """
import os, signal
with open(os.environ["INSVC_PIDFILE"], "w") as file:
    file.write(str(os.getpid()))
signal.pause()
"""
JOB = """
import os
with open("/root/runs", "a") as file:
    file.write("run\\n")
"""
SERVICES = ("by-pmon", "by-sm")


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    build(["clock"])
    with Host("clocks", layer="clock") as booted:
        set_clock(booted, 0)
        agents.lay_out(booted, first=RELATIVE_SLEEP)
        root = f"{agents.FOLDER}/root"
        booted.run(f"mkdir -p {root}/usr/bin {root}/run")
        for program, text in (("sm", SM), ("service", SERVICE), ("job", JOB)):
            booted.put(f"{root}/usr/bin/{program}", text)
        agents.define(booted, "sm", manager="pmon", command=["usr/bin/sm"], pidfile="run/sm.pid")
        for name in SERVICES:
            define(booted, name, manager=name.removeprefix("by-"), interval_s=0.1)
        define(booted, "job", manager="cron", command=["usr/bin/job"], schedule="* * * * *")
        agents.begin(booted, environment=FAKETIME)
        yield booted


def define(host: Host, name: str, **fields: object) -> None:
    given = {"command": ["usr/bin/service"], "pidfile": f"run/{name}.pid", **fields}
    agents.define(host, name, **given)


def rows(host: Host) -> dict[str, dict[str, Any]]:
    found = {name: agents.row(host, name) for name in SERVICES}
    return {name: row for name, row in found.items() if row.get("state") == "running"}


def runs(host: Host) -> int:
    return int(host.run("cat /root/runs 2>/dev/null | wc -l").output)


@pytest.mark.parametrize("hours", [2, -2])
def test_a_clock_that_is_set_restarts_nothing_and_delays_no_restart(host: Host, hours: int) -> None:
    set_clock(host, 0)
    agents.until(lambda: len(rows(host)) == 2)
    before = rows(host)
    set_clock(host, hours)
    now = float(host.run(f"{FAKETIME} date +%s").output)
    assert abs(now - time.time() - hours * 3600) < 60
    for daemon in ("/root/serve.py", "usr/bin/sm"):
        host.run(f"grep -q libfaketime /proc/$(pgrep -of {daemon})/maps")
    for name in SERVICES:
        host.run(f"kill -9 {before[name]['pid']}")
    began = time.monotonic()
    agents.until(lambda: len(rows(host)) == 2)
    assert time.monotonic() - began < 30
    after = rows(host)
    assert {one["restarts"] for one in after.values()} == {before["by-sm"]["restarts"] + 1}
    assert agents.restart(host, "by-sm")["manager_done"]
    assert agents.restart(host, "by-pmon")["manager_done"]


def test_a_job_goes_on_by_the_clock_that_was_set_back(host: Host) -> None:
    set_clock(host, 0)
    agents.until(lambda: rows(host))
    set_clock(host, -2)
    seen = runs(host)
    for _ in range(150):
        if runs(host) > seen:
            return
        time.sleep(1)
    raise AssertionError(f"no run in 150 s: {agents.row(host, 'job')}")
