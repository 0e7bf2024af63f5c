"""`insvc.agent.reload`: definitions are read once they have settled, and never amid a patch."""

import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from insvc.adapters.patch_flag import installing
from insvc.agent.loop import Loop
from insvc.agent.reload import LOOK_S, QUIET_S, Reload


class Host:
    """A host's folder, what reads it, and a clock that the test turns."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "etc/pmon.d"
        self.folder.mkdir(parents=True)
        self.now = 100.0
        self.reads = 0
        self.loop = Loop()
        self.reload = Reload(root, ("etc/pmon.d", "etc/no"), self.loop, self.read, self.clock)

    def clock(self) -> float:
        return self.now

    def read(self) -> None:
        self.reads += 1

    def after(self, seconds: float) -> int:
        """How often it was read so far, that much later."""
        self.now += seconds
        self.loop.run_once()
        return self.reads

    def change(self, name: str = "x.conf") -> None:
        """Change a file, and let the loop hear of it."""
        (self.folder / name).write_text(os.urandom(4).hex())
        self.loop.run_once()


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    made = Host(tmp_path)
    made.reload.begin()
    made.loop.post(lambda: None)
    yield made
    made.loop.close()


def nudge(host: Host) -> None:
    """Let the loop turn once without waiting."""
    host.loop.post(lambda: None)


def test_nothing_is_read_while_nothing_changes(host: Host) -> None:
    for _ in range(5):
        nudge(host)
        assert host.after(LOOK_S) == 0


def test_a_change_is_read_once_all_has_been_quiet(host: Host) -> None:
    host.change()
    assert host.reads == 0
    nudge(host)
    assert host.after(QUIET_S / 2) == 0
    host.change("y.conf")
    nudge(host)
    assert host.after(QUIET_S / 2) == 0
    nudge(host)
    assert host.after(QUIET_S / 2) == 1
    nudge(host)
    assert host.after(QUIET_S) == 1


def test_a_folder_that_comes_is_heard_of_at_once(host: Host) -> None:
    (host.root / "etc/no").mkdir()
    (host.root / "etc/no/y.conf").write_text("y")
    host.loop.run_once()
    nudge(host)
    assert host.after(QUIET_S) == 1
    (host.root / "etc/no/y.conf").write_text("other")
    host.loop.run_once()
    nudge(host)
    assert host.after(QUIET_S) == 2


def test_what_it_watched_by_goes_with_its_loop(tmp_path: Path) -> None:
    made = Host(tmp_path)
    before = len(list(Path("/proc/self/fd").iterdir()))
    made.reload.begin()
    assert len(list(Path("/proc/self/fd").iterdir())) > before
    made.loop.close()
    assert len(list(Path("/proc/self/fd").iterdir())) < before


def test_amid_a_patch_it_waits_however_long(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    with installing(host.root):
        host.change()
        for _ in range(100):
            nudge(host)
            assert host.after(60.0) == 0
    nudge(host)
    assert host.after(QUIET_S) == 1
    assert capsys.readouterr().err.count("installs a patch") == 1


def test_the_calendar_names_what_is_next(host: Host) -> None:
    assert host.reload.wait_s() == LOOK_S
    host.change()
    assert host.reload.wait_s() == QUIET_S


def test_without_the_kernel_s_help_a_look_finds_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    host = Host(tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        host.reload.begin()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert "cannot be had" in capsys.readouterr().err
    (host.folder / "x.conf").touch()
    nudge(host)
    assert host.after(LOOK_S) == 0
    nudge(host)
    assert host.after(QUIET_S) == 1
    host.loop.close()


def test_a_folder_that_comes_later_is_read_too(host: Host) -> None:
    (host.root / "etc/no").mkdir()
    (host.root / "etc/no/x.conf").touch()
    nudge(host)
    assert host.after(LOOK_S) == 0
    nudge(host)
    assert host.after(QUIET_S) == 1


def test_a_link_that_leads_nowhere_hides_no_change_of_another_file(host: Host) -> None:
    for name in "abcdefgh":
        (host.folder / f"{name}.conf").symlink_to(host.root / "nowhere")
    nudge(host)
    assert host.after(QUIET_S) == 0
    nudge(host)
    assert host.after(QUIET_S) == 1
    (host.root / "nowhere").write_text("[process]")  # in a folder that nobody watches
    nudge(host)
    assert host.after(LOOK_S) == 1
    nudge(host)
    assert host.after(QUIET_S) == 2
