"""How many files we may hold open, and what our children may, tried in a process of its own."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.integration

PROGRAM = """
import resource, subprocess, sys
which = resource.RLIMIT_NOFILE
_, hard = resource.getrlimit(which)
resource.setrlimit(which, (64, hard))
from insvc.adapters.descriptors import give_back_limit, raise_limit
child = subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE)
give_back_limit(child.pid)
print(resource.prlimit(child.pid, which)[0])
child.communicate()
raise_limit()
print(resource.getrlimit(which)[0] == hard)
child = subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE)
print(resource.prlimit(child.pid, which)[0] == hard)
give_back_limit(child.pid)
print(resource.prlimit(child.pid, which)[0])
child.communicate()
give_back_limit(child.pid)
"""


def test_we_may_hold_what_we_can_and_children_keep_what_they_count_on() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["64", "True", "True", "64"]
