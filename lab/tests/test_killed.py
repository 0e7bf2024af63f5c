"""insvc is killed in every phase of a restart: a resume ends the run, and nothing is done twice."""

import json

import pytest

from lab.host import Host

KILL = "kill -9 $(pgrep -f '^/usr/bin/python3 -sP /usr/local/bin/insvc restart')"
PHASED = "Type=exec\nExecStop=/usr/bin/sleep 1\nExecStartPre=/usr/bin/sleep 1\n[Unit]\n"
LIMITED = "StartLimitIntervalSec=5\nStartLimitBurst=2"
STATE = "systemctl show -P ActiveState phased | grep -qx {0}"
PHASES = {
    "before its job": "grep -q begun /run/said",
    "while it stops": STATE.format("deactivating"),
    "while it starts": STATE.format("activating"),
    "while it dwells": "[ $(systemctl show -P MainPID phased) -gt $(cat /run/before) ] && "
    + STATE.format("active"),
}
"""What is waited for before insvc is killed."""


def starts(host: Host) -> int:
    told = host.run("journalctl -q -u phased -o cat | grep -c '^Started phased'", check=False)
    return int(told.output)


@pytest.mark.parametrize("phase", PHASES)
def test_a_run_that_was_killed_is_taken_up_and_repeats_nothing(
    shared_host: Host, phase: str
) -> None:
    host = shared_host
    host.put("/etc/policy.json", json.dumps({"format": "insvc-policy/1", "dwell_s": 2.0}))
    limited = phase == "before its job"
    host.unit("phased.service", "/usr/bin/sleep 9999", more=PHASED + LIMITED * limited)
    if limited:
        host.run("systemctl reset-failed phased; systemctl restart phased; "
                 "systemctl kill -s KILL phased; systemctl start phased")  # fmt: skip
    host.run("systemctl show -P MainPID phased > /run/before; : >/run/said")
    before = starts(host)

    command = "insvc restart --local phased.service --yes --policy /etc/policy.json >/run/said 2>&1"
    with host.spawn(f"{command}; true") as running:
        host.until(PHASES[phase])
        host.run(KILL)
        running.wait(30)
    assert "took" not in host.get("/run/said")
    done = host.run("insvc run resume latest --local", check=False)

    assert done.status == 0, str(done)
    assert starts(host) == before + 1
    assert host.run("systemctl show -P MainPID phased").output != host.get("/run/before")
    assert host.run("systemctl is-active phased").output == "active\n"
    host.run("systemctl kill -s KILL phased; systemctl stop phased")
