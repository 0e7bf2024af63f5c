"""Processes that nobody supervises, found by their environment."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from insvc.adapters.pidfd import Held, read_identity
from insvc.agent import strays
from insvc.agent.strays import (
    Sought,
    command_line,
    end_orphans,
    environment,
    kill_all,
    programs,
)
from insvc.model.observation import ProcessIdentity
from tests.fakes.host_folder import HostFolder, until

pytestmark = pytest.mark.integration
NOBODY = 2**22 + 1
_STUBBORN = (
    "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print(flush=True)\nwhile True: signal.pause()"
)
_PLAIN = "import signal\nprint(flush=True)\nsignal.pause()"


def start(folder: HostFolder, text: str, *, leads: bool = True) -> ProcessIdentity:
    """A process of that host that nobody supervises; the test's child."""
    child = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", text, "helper-of-x"],
        env={"INSVC_ROOT": str(folder.root), "INSVC_SERVICE": "x"},
        stdout=subprocess.PIPE,
        start_new_session=leads,
    )
    child.returncode = 0
    assert child.stdout is not None
    child.stdout.readline()
    child.stdout.close()
    identity = read_identity(child.pid)
    assert identity is not None
    return identity


def has_ended(identity: ProcessIdentity) -> bool:
    return read_identity(identity.pid) != identity


def reap(*identities: ProcessIdentity) -> None:
    for one in identities:
        os.waitpid(one.pid, 0)


def later(identity: ProcessIdentity) -> ProcessIdentity:
    """A main process that was started after that one."""
    return ProcessIdentity(boot_id=identity.boot_id, pid=1, start_ticks=identity.start_ticks + 1)


def test_a_program_is_found_by_its_command_and_its_session(
    folder: HostFolder, tmp_path: Path
) -> None:
    leader = start(folder, _PLAIN)
    other = start(folder, _PLAIN, leads=False)
    helper = start(folder, _STUBBORN)
    command = (sys.executable, "-I", "-S", "-c", _PLAIN, "helper-of-x")
    assert programs(folder.root, {"x": Sought(command, 1)}) == {"x": leader}
    assert programs(folder.root, {"x": Sought(command[:-1], 2)}) == {}
    assert programs(folder.root, {}) == {}
    assert programs(tmp_path, {"x": Sought(command, 1)}) == {}
    kill_all(folder.root)
    until(lambda: has_ended(leader) and has_ended(other) and has_ended(helper))
    reap(leader, other, helper)


def test_older_helpers_end_by_themselves_or_by_force(
    folder: HostFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strays, "_GRACE_S", 0.1)
    stubborn = start(folder, _STUBBORN)
    plain = start(folder, _PLAIN)
    ended = end_orphans(folder.root, re.compile("helper-of-x"), later(plain))
    assert sorted(ended) == sorted([stubborn.pid, plain.pid])
    until(lambda: has_ended(stubborn) and has_ended(plain))
    reap(stubborn, plain)


def test_younger_helpers_and_other_programs_and_hosts_are_left_alone(
    folder: HostFolder, tmp_path: Path
) -> None:
    one = start(folder, _PLAIN)
    assert end_orphans(folder.root, re.compile("helper-of-x"), one) == ()
    assert end_orphans(folder.root, re.compile("helper-of-y"), later(one)) == ()
    assert end_orphans(tmp_path, re.compile("helper-of-x"), later(one)) == ()
    assert not has_ended(one)
    kill_all(folder.root)
    reap(one)


def test_a_group_that_is_gone_is_no_error(folder: HostFolder) -> None:
    one = start(folder, _PLAIN)
    held = Held.by_identity(one)
    assert held is not None
    kill_all(folder.root)
    reap(one)
    strays.end_strays_of_group(held, None)
    strays.end_strays_of_group(held, "helper")
    held.close()


def test_who_is_gone_says_nothing() -> None:
    assert (command_line(NOBODY), environment(NOBODY)) == ("", {})
    assert not strays._leads_session(NOBODY)
