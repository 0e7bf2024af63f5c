"""A program in a network of its own, as an ordinary user; where the kernel allows that."""

import os
import subprocess
import sys
from pathlib import Path

import insvc

LIBRARY = Path(insvc.__file__).parents[1]


def in_own_network(program: str) -> list[str] | None:
    """The lines that it prints; nothing where the kernel does not let us have such a network.

    The program finds `insvc`, and nothing else that is not of the standard library.
    """
    may = subprocess.run(["unshare", "-rn", "true"], capture_output=True, text=True, check=False)
    if may.returncode:
        assert "unshare" in may.stderr
        return None
    head = f"import sys; sys.path.insert(0, {str(LIBRARY)!r})\n"
    told = subprocess.run(
        ["unshare", "-rn", sys.executable, "-I", "-S", "-c", head + program],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"},
    )
    assert (told.returncode, told.stderr) == (0, "")
    return told.stdout.splitlines()
