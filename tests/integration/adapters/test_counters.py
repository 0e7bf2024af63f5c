"""The kernel's counters of this machine, under real load."""

import json
import os
import socket
import threading
import time
from pathlib import Path

import pytest

from insvc.adapters import counters as module
from insvc.adapters.counters import read_counters
from insvc.model.recorder import Sample
from insvc.supervise.counters import sample
from tests.fakes.leftovers import children
from tests.fakes.own_network import in_own_network

pytestmark = pytest.mark.integration


def over(root: Path, seconds: float) -> Sample:
    """What happened in that time."""
    before = read_counters(root)
    time.sleep(seconds)
    return sample(before, read_counters(root))


def test_a_busy_loop_raises_the_share_of_its_processor(tmp_path: Path) -> None:
    processor = min(os.sched_getaffinity(0))
    pid = os.fork()
    if pid == 0:
        os.sched_setaffinity(0, {processor})
        while True:
            pass
    try:
        until = time.monotonic() + 60
        while True:
            told = over(tmp_path, 0.5)
            if told.cpu[str(processor)]["idle"] < 10:
                break
            assert time.monotonic() < until, told.cpu
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
    assert children() == ()
    assert 0 < sum(told.cpu["all"].values()) < 101


def test_traffic_of_the_loopback_is_counted(tmp_path: Path) -> None:
    sent = 256 * 1024
    before = read_counters(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as server:
        received: list[int] = []

        def drain() -> None:
            client, _ = server.accept()
            with client:
                while piece := client.recv(65_536):
                    received.append(len(piece))

        reader = threading.Thread(target=drain)
        reader.start()
        with socket.create_connection(server.getsockname()) as client:
            client.sendall(bytes(sent))
        reader.join()
    told = sample(before, read_counters(tmp_path))
    assert sum(received) == sent
    assert told.network["lo"]["sent_bytes"] >= sent
    assert told.network["lo"]["received_bytes"] >= sent


def test_memory_and_space_are_those_of_the_machine(tmp_path: Path) -> None:
    seen = read_counters(tmp_path)
    assert 0 < seen.memory["available_bytes"] <= seen.memory["total_bytes"]
    assert seen.space[str(tmp_path)]["total_bytes"] > 0
    assert seen.boot == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert seen.unseen == ()


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    seen = read_counters(tmp_path, proc=tmp_path)
    assert {one.partition(":")[0] for one in seen.unseen} == {
        "self/mounts",
        "sys/kernel/random/boot_id",
        "stat",
        "meminfo",
        "diskstats",
        "self/net/dev",
    }
    assert (seen.cpu, seen.memory) == ({}, {})


def test_mounts_that_nobody_may_enter_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "self").mkdir()
    (tmp_path / "self/mounts").write_text(
        "/dev/x /nowhere ext4\n/dev/y / ext4\nproc /proc proc\n\n"
    )
    assert "/nowhere" not in read_counters(tmp_path, proc=tmp_path).space


QUEUES = """
import json, socket, subprocess
from pathlib import Path
from insvc.adapters.counters import read_counters

for line in ("ip link set lo up", "tc qdisc add dev lo root handle 1: pfifo"):
    subprocess.run(line.split(), check=True)
before = read_counters(Path("/")).queues
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
    for _ in range(10):
        sender.sendto(bytes(1000), ("127.0.0.1", 9))
print(json.dumps([before, read_counters(Path("/")).queues]))
"""


def test_queues_of_interfaces_are_counted() -> None:
    lines = in_own_network(QUEUES)
    if lines is not None:
        before, after = json.loads(lines[0])
        name = "lo pfifo 1: below ffff:ffff"
        assert after[name]["sent_packets"] >= before[name]["sent_packets"] + 10
        assert after[name]["sent_bytes"] >= before[name]["sent_bytes"] + 10_000
        assert after[name]["drops"] == 0


def test_queues_that_the_kernel_does_not_tell_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(module, "everything", refuse)
    assert read_counters(tmp_path).unseen == ("queues: Operation not permitted",)


def test_an_interface_that_nobody_knows_goes_by_its_number() -> None:
    assert module._name(99_999_999) == "99999999"
