"""systemd for real: what it says of its units, and restarts that end in a named outcome."""

import json
from typing import Any

import pytest

from lab.host import Host

ACT = """
import dataclasses, json, sys, time
sys.path[:0] = ["/opt/insvc/src"]
from insvc.adapters.systemd import find
from insvc.errors import InsvcError
from insvc.model.act import DrainRule
from insvc.model.restart import Order
from insvc.model.words import Action
given = json.loads(sys.argv[1])
given["action"] = Action(given.get("action", "restart"))
if "drain" in given:
    given["drain"] = DrainRule(**given["drain"])
systemd, began = find(), time.monotonic()
try:
    told = dataclasses.asdict(systemd.restart(Order(**given)))
except InsvcError as fault:
    told = {"refused": str(fault), "next": fault.next_act}
print(json.dumps({**told, "took_s": time.monotonic() - began}))
"""
LOOK = """
import json, sys
sys.path[:0] = ["/opt/insvc/src"]
from insvc.adapters.systemd import find
account = find().look(sys.argv[1:] or None)
rows = {row.name: [row.state, row.pid, row.restarts, row.cgroup] for row in account.rows}
print(json.dumps([rows, {one.name: one.action for one in account.entries}]))
"""
SERVE = """
import socket, sys, time
listening = socket.socket(fileno=3)
while True:
    peer, _ = listening.accept()
    peer.recv(4096)
    peer.sendall(b"HTTP/1.0 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok")
    peer.close()
"""
LOAD = """
import socket, sys, time
until, asked, failed = time.monotonic() + float(sys.argv[1]), 0, 0
while time.monotonic() < until:
    asked += 1
    try:
        with socket.create_connection(("127.0.0.1", 8099), 5) as peer:
            peer.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
            failed += not peer.recv(4096)
    except OSError:
        failed += 1
print(asked, failed)
"""


@pytest.fixture(scope="module")
def shared(shared_host: Host) -> Host:
    """One host for those tests that leave its bus alone."""
    return shared_host


def act(host: Host, service: str, **order: Any) -> dict[str, Any]:
    """Let insvc's adapter carry out an order in the host."""
    given = json.dumps({"service": service, **order})
    told = host.run(["python3", "-c", ACT, given], limit_s=150)
    found: dict[str, Any] = json.loads(told.output)
    return found


def look(host: Host, *names: str) -> tuple[dict[str, list[Any]], dict[str, str]]:
    """What insvc's adapter tells of services in the host: rows, and the actions discovered."""
    rows, actions = json.loads(host.run(["python3", "-c", LOOK, *names]).output)
    return rows, actions


def shown(host: Host, unit: str, what: str) -> str:
    return host.run(["systemctl", "show", "-P", what, unit]).output.strip()


def test_it_tells_what_systemctl_tells(shared: Host) -> None:
    rows, actions = look(shared)
    listed = shared.run(
        "systemctl list-units --type=service --state=running --plain --no-legend | cut -d' ' -f1"
    ).output.split()
    running = {name for name, row in rows.items() if row[0] == "running"}
    assert running == {name for name in listed if not name.startswith("user@")}
    for name in running:
        assert rows[name][1] == int(shown(shared, name, "MainPID"))
        assert rows[name][3] == shown(shared, name, "ControlGroup")
    assert actions["haproxy.service"] == "handoff"
    assert actions["cron.service"] == "restart"


def test_systemd_answers_on_every_one_of_many_connections(shared: Host) -> None:
    again = LOOK.replace("account =", "for _ in range(300): account =")
    began = shared.run(["python3", "-c", again, "cron.service"])
    assert began.took_s < 15


def test_a_restart_is_another_run_with_stamps_of_systemds_own(shared: Host) -> None:
    before = shown(shared, "cron.service", "InvocationID")
    told = act(shared, "cron.service")
    after = shown(shared, "cron.service", "InvocationID")
    assert told["done"], told
    assert told["drained"] is True
    assert after != before
    assert f"run {after[:8]} follows {before[:8]}" in told["said"]
    times = told["times"]
    assert times["stopped"] <= times["started"] <= times["ready"]
    entered = shared.run(
        ["date", "-d", shown(shared, "cron.service", "ActiveEnterTimestamp"), "+%s"]
    ).output
    assert abs(times["ready"] - float(entered)) < 1.5


def test_a_reload_keeps_the_run(shared: Host) -> None:
    before = shown(shared, "dbus.service", "InvocationID")
    told = act(shared, "dbus.service", action="reload")
    assert told["done"], told
    assert shown(shared, "dbus.service", "InvocationID") == before


def test_haproxy_hands_over_to_new_workers(shared: Host) -> None:
    group = shown(shared, "haproxy.service", "ControlGroup")
    pids = ["cat", f"/sys/fs/cgroup{group}/cgroup.procs"]
    before = set(shared.run(pids).output.split())
    master = shown(shared, "haproxy.service", "MainPID")
    told = act(shared, "haproxy.service", action="handoff")
    after = set(shared.run(pids).output.split())
    assert told["done"], told
    assert before & after == {master}
    assert len(after) > 1


def test_a_masked_unit_is_not_stopped(shared: Host) -> None:
    shared.unit("hidden.service", "/bin/sleep 999")
    shared.run("rm /etc/systemd/system/hidden.service; systemctl mask hidden.service")
    shared.run("systemctl daemon-reload")
    before = shown(shared, "hidden.service", "MainPID")
    told = act(shared, "hidden.service")
    assert "masked" in told["refused"]
    assert shown(shared, "hidden.service", "MainPID") == before != "0"


def test_a_unit_whose_file_is_gone_is_not_stopped(shared: Host) -> None:
    shared.unit("gone.service", "/bin/sleep 999")
    shared.run("rm /etc/systemd/system/gone.service; systemctl daemon-reload")
    assert "its unit file is not-found" in act(shared, "gone.service")["refused"]
    assert shown(shared, "gone.service", "ActiveState") == "active"


def test_a_unit_whose_file_is_gone_unknown_to_systemd_is_not_stopped(shared: Host) -> None:
    shared.unit("unread.service", "/bin/sleep 999")
    shared.run("rm /etc/systemd/system/unread.service")
    assert "its unit file is not-found" in act(shared, "unread.service")["refused"]
    assert shown(shared, "unread.service", "ActiveState") == "active"


def test_what_systemd_does_not_let_be_stopped_is_refused(shared: Host) -> None:
    shared.put(
        "/etc/systemd/system/kept.service",
        "[Unit]\nRefuseManualStop=yes\n[Service]\nExecStart=/bin/sleep 999\n",
    )
    shared.run("systemctl daemon-reload && systemctl start kept.service")
    assert "RefuseManualStop" in act(shared, "kept.service")["refused"]


def test_an_unknown_unit_and_one_that_does_not_run_are_refused(shared: Host) -> None:
    assert "no such service" in act(shared, "never-heard-of.service")["refused"]
    assert "does not run" in act(shared, "emergency.service")["refused"]


def test_a_changed_unit_file_is_read_first(shared: Host) -> None:
    shared.unit("edited.service", "/bin/sleep 999")
    shared.put("/etc/systemd/system/edited.service", "[Service]\nExecStart=/bin/sleep 998\n")
    told = act(shared, "edited.service")
    assert told["done"], told
    assert "read the changed unit files again" in told["said"]
    pid = shown(shared, "edited.service", "MainPID")
    assert "998" in shared.run(["cat", f"/proc/{pid}/cmdline"]).output


def test_a_stop_that_hangs_ends_at_systemds_limit(shared: Host) -> None:
    shared.unit("stubborn.service", "/bin/sleep 999", more="KillSignal=SIGCONT\nTimeoutStopSec=2")
    told = act(shared, "stubborn.service", timeout_s=30)
    assert told["done"], told
    assert told["drained"] is False
    assert 2 <= told["took_s"] < 10


def test_a_stop_without_end_is_killed_or_left_as_its_drain_says(shared: Host) -> None:
    more = "KillSignal=SIGCONT\nTimeoutStopSec=infinity"
    shared.unit("endless.service", "/bin/sleep 999", more=more)
    drain = {"timeout_s": 1.0, "on_timeout": "kill"}
    killed = act(shared, "endless.service", drain=drain, timeout_s=20)
    assert killed["done"], killed
    assert killed["drained"] is False
    assert "was killed" in killed["said"]
    left = act(shared, "endless.service", drain={**drain, "on_timeout": "leave"}, timeout_s=20)
    assert not left["done"]
    assert "systemd never gives up" in left["said"]
    assert left["took_s"] < 5
    shared.run("systemctl kill -s KILL endless.service")


def test_a_start_that_fails_is_told_with_its_status(shared: Host) -> None:
    shared.put("/fails", "#!/bin/sh\ntest -e /broken && exit 7\nexec sleep 999\n", mode=0o755)
    shared.unit(
        "fails.service", "/fails", more="Type=exec\nExecStartPre=/usr/bin/test ! -e /broken"
    )
    shared.run("touch /broken")
    told = act(shared, "fails.service")
    shared.run("rm /broken")
    assert not told["done"]
    assert "its job failed" in told["said"]
    assert "exit-code" in told["said"]


@pytest.mark.parametrize("policy", ["no", "always"])
def test_a_crash_after_the_restart_shows_in_state_or_count(shared: Host, policy: str) -> None:
    shared.run("rm -f /crash")
    unit = f"crash-{policy}.service"
    shared.put("/crashes", "#!/bin/sh\ntest -e /crash && { sleep 0.2; exit 1; }\nexec sleep 999\n")
    shared.unit(unit, "/bin/sh /crashes", more=f"Restart={policy}\nRestartSec=50ms")
    shared.run("touch /crash")
    told = act(shared, unit)
    assert told["done"], told
    at_once = look(shared, unit)[0][unit]
    shared.run("sleep 0.8")
    later = look(shared, unit)[0][unit]
    assert later[0] == "failed" or later[2] > at_once[2]
    shared.run(f"rm -f /crash; systemctl stop {unit}")


def test_the_sixth_start_in_ten_seconds_is_never_asked_for(shared: Host) -> None:
    shared.unit("often.service", "/bin/sleep 999")
    shared.run("for i in 1 2 3 4; do systemctl restart often.service; done")
    refused = act(shared, "often.service", timeout_s=2)
    assert "5 starts in 10 s" in refused["refused"]
    told = act(shared, "often.service", timeout_s=30)
    assert told["done"], told
    assert "waited" in told["said"]
    assert shown(shared, "often.service", "ActiveState") == "active"


def test_a_unit_at_its_start_limit_is_brought_up_knowingly(shared: Host) -> None:
    shared.unit("worn.service", "/bin/sleep 999")
    shared.run("for i in 1 2 3 4 5 6; do systemctl restart worn.service; done", check=False)
    assert shown(shared, "worn.service", "ActiveState") == "failed"
    told = act(shared, "worn.service", timeout_s=30)
    assert told["done"], told
    assert "start limit was hit" in told["said"]


def test_what_is_stopped_with_it_is_named(shared: Host) -> None:
    shared.unit("below.service", "/bin/sleep 999")
    shared.put(
        "/etc/systemd/system/above.service",
        "[Unit]\nRequires=below.service\nAfter=below.service\n"
        "[Service]\nExecStartPre=/usr/bin/test ! -e /no-above\nExecStart=/bin/sleep 999\n",
    )
    shared.run("rm -f /no-above; systemctl daemon-reload; systemctl start above.service")
    back = act(shared, "below.service")
    assert back["said"].endswith("restarted with it: above.service")
    shared.run("touch /no-above")
    lost = act(shared, "below.service")
    assert "stopped with it and not back: above.service" in lost["said"]
    shared.run("rm -f /no-above")


def test_a_job_mid_run_is_never_restarted(shared: Host) -> None:
    shared.put(
        "/etc/systemd/system/work.service",
        "[Service]\nType=oneshot\nExecStart=/bin/sleep 300\n",
    )
    shared.run("systemctl daemon-reload; systemctl start --no-block work.service")
    shared.until("systemctl show -P ActiveState work | grep -q activating")
    pid = shown(shared, "work.service", "MainPID")
    assert "it is a job" in act(shared, "work.service")["refused"]
    rows, actions = look(shared, "work.service")
    assert rows["work.service"][:2] == ["running", int(pid)]
    assert actions["work.service"] == "next-run"
    assert shown(shared, "work.service", "MainPID") == pid
    shared.run("systemctl kill work.service")


def test_a_service_behind_a_socket_is_restarted_without_a_failed_request(shared: Host) -> None:
    shared.put("/serve.py", SERVE)
    shared.put("/load.py", LOAD)
    shared.put(
        "/etc/systemd/system/served.socket", "[Socket]\nListenStream=127.0.0.1:8099\nBacklog=512\n"
    )
    shared.put(
        "/etc/systemd/system/served.service", "[Service]\nExecStart=/usr/bin/python3 /serve.py\n"
    )
    shared.run("systemctl daemon-reload; systemctl start served.socket served.service")
    assert look(shared, "served.service")[1]["served.service"] == "handoff"
    load = shared.spawn(["python3", "/load.py", "4"])
    shared.run("sleep 1")
    told = act(shared, "served.service", action="handoff")
    asked, failed = map(int, load.communicate(timeout=30)[0].split())
    assert told["done"], told
    assert asked > 200
    assert failed <= 1  # the one request that was being answered, if any


def test_systemd_executes_itself_and_units_go_on(shared: Host) -> None:
    before = shown(shared, "cron.service", "MainPID")
    told = act(shared, "init.scope", action="handler", timeout_s=30)
    assert told["done"], told
    assert shown(shared, "cron.service", "MainPID") == before


def test_without_a_bus_systemd_is_asked_directly(host: Host) -> None:
    host.run("systemctl stop dbus.socket dbus.service; rm -f /run/dbus/system_bus_socket")
    told = act(host, "cron.service")
    assert told["done"], told
    assert look(host, "cron.service")[0]["cron.service"][0] == "running"


def test_a_bus_that_hangs_is_passed_by_in_time(host: Host) -> None:
    host.run("kill -STOP $(systemctl show -P MainPID dbus.service)")
    told = act(host, "cron.service")
    assert told["done"], told
    assert told["took_s"] < 5
    asked = host.run(
        ["setpriv", "--reuid=nobody", "--clear-groups", "python3", "-c", LOOK], check=False
    )
    assert "does not answer" in asked.errors
    assert asked.took_s < 10
    host.run("kill -CONT $(systemctl show -P MainPID dbus.service)")


def test_an_ordinary_user_may_look_and_is_refused_an_act_in_words(shared: Host) -> None:
    drop = ["setpriv", "--reuid=nobody", "--clear-groups"]
    rows, _ = json.loads(shared.run([*drop, "python3", "-c", LOOK, "cron.service"]).output)
    assert rows["cron.service"][0] == "running"
    given = json.dumps({"service": "cron.service"})
    told = json.loads(shared.run([*drop, "python3", "-c", ACT, given]).output)
    assert "systemd refuses" in told["refused"]
    assert told["next"] == "run insvc as root"


def test_the_bus_itself_can_be_restarted_over_the_bus(host: Host) -> None:
    before = shown(host, "dbus.service", "InvocationID")
    told = act(host, "dbus.service", timeout_s=30)
    assert told["done"], told
    assert shown(host, "dbus.service", "InvocationID") != before
