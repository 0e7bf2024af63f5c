"""The file that a patch's scripts source, run by a real shell."""

import subprocess
from pathlib import Path

import pytest

from insvc.compat.patch_functions import patch_functions
from insvc.model.topology import Host
from insvc.model.words import Personality

CONTROLLER = Host(name="c", personality=Personality.CONTROLLER)
WORKER = Host(name="w", personality=Personality.WORKER)
STORAGE = Host(name="s", personality=Personality.STORAGE)
BOTH = Host(name="b", personality=Personality.CONTROLLER, subfunctions=(Personality.WORKER,))


def shell(folder: Path, host: Host, script: str) -> subprocess.CompletedProcess[str]:
    """Run a script that has sourced the functions of that host."""
    (folder / "patch-functions").write_text(
        patch_functions(
            host, flags=folder / "fl ags", scripts=folder / "scripts", log=folder / "patching.log"
        )
    )
    return subprocess.run(
        ["/bin/sh", "-euc", f". ./patch-functions\n{script}"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        (CONTROLLER, "is_controller"),
        (WORKER, "is_compute is_worker"),
        (STORAGE, "is_storage"),
        (BOTH, "is_controller is_compute is_worker is_cpe"),
    ],
    ids=["controller", "worker", "storage", "both"],
)
def test_a_script_learns_what_host_it_is_on(tmp_path: Path, host: Host, expected: str) -> None:
    questions = "is_controller is_compute is_worker is_storage is_cpe"
    told = shell(tmp_path, host, f"for one in {questions}; do if $one; then echo $one; fi; done")
    assert (told.stderr, told.stdout.split()) == ("", expected.split())


def test_a_script_learns_where_things_are(tmp_path: Path) -> None:
    told = shell(tmp_path, WORKER, 'echo "$PATCH_FLAGDIR|$PATCH_STATUS_OK|$PATCH_STATUS_FAILED"')
    assert told.stdout == f"{tmp_path}/fl ags|0|1\n"


def test_what_a_script_says_is_logged_with_its_time(tmp_path: Path) -> None:
    assert shell(tmp_path, WORKER, 'loginfo "it is 100% done"').returncode == 0
    assert (tmp_path / "patching.log").read_text().endswith(": it is 100% done\n")


def test_bash_takes_it_too(tmp_path: Path) -> None:
    shell(tmp_path, WORKER, "true")
    told = subprocess.run(
        ["/bin/bash", "-euc", ". ./patch-functions; is_worker"], cwd=tmp_path, check=False
    )
    assert told.returncode == 0
