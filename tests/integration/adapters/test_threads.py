"""Threads as the kernel shows them: ours, and one that really hangs in the kernel."""

import os
import threading
import time
from pathlib import Path

import pytest

from insvc.adapters.threads import look_at_threads, tell_thread
from insvc.supervise.stalls import ThreadKey, ThreadLook
from tests.fakes.stalled import let_go, stalled

pytestmark = pytest.mark.integration


def one_of(pid: int, state: str) -> ThreadLook:
    """The process's thread, once it is in that state."""
    until = time.monotonic() + 30
    while True:
        looks = look_at_threads((), {pid})
        if [one.state for one in looks] == [state]:
            return looks[0]
        assert time.monotonic() < until, looks
        time.sleep(0.01)


def test_a_thread_that_hangs_is_uninterruptible_and_does_not_move(tmp_path: Path) -> None:
    with stalled(tmp_path) as (pid, pipe):
        first = one_of(pid, "D")
        time.sleep(0.1)
        assert one_of(pid, "D") == first
        told = tell_thread(first.key)
        assert "State:\tD (disk sleep)" in told
        assert f"--- stack of thread {pid} of process {pid} ---" in told
        let_go(pipe)
        assert one_of(pid, "S").key == first.key


def test_every_thread_of_a_process_is_looked_at() -> None:
    is_over = threading.Event()
    other = threading.Thread(target=is_over.wait)
    other.start()
    try:
        found = {one.key.tid for one in look_at_threads((), {os.getpid()})}
        assert {threading.get_native_id(), other.native_id} <= found
    finally:
        is_over.set()
        other.join()


def test_programs_are_found_by_the_name_that_the_kernel_keeps() -> None:
    name = Path("/proc/self/comm").read_text().strip()
    found = look_at_threads({name}, ())
    assert os.getpid() in {one.key.pid for one in found}
    assert {one.program for one in found} == {name}


def test_what_ends_meanwhile_is_left_out(tmp_path: Path) -> None:
    for path in ("7/comm", "8/task/8/comm", "x/comm"):
        (tmp_path / path).parent.mkdir(parents=True)
    assert look_at_threads((), {7, 8}, proc=tmp_path) == ()
    (tmp_path / "8/task/8/stat").write_text("8 (a) b) D " + "1 " * 18 + "77 0")
    (look,) = look_at_threads((), {8}, proc=tmp_path)
    assert (look.key, look.cpu_ticks, look.switches) == (ThreadKey(8, 8, 77), 2, 0)


def test_what_may_not_be_read_is_named(tmp_path: Path) -> None:
    told = tell_thread(ThreadKey(1, 1, 1), proc=tmp_path)
    assert told.count("cannot be read: No such file or directory") == 5
