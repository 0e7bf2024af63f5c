"""What a patch has restarted already."""

from pathlib import Path

from insvc.compat.flags import Flags
from insvc.model.observation import HostObservation, Instance, ProcessIdentity
from insvc.model.words import Verdict


def process(pid: int) -> ProcessIdentity:
    """A process of that pid."""
    return ProcessIdentity(boot_id="b", pid=pid, start_ticks=pid * 10)


def host(pid: int, verdict: Verdict = Verdict.CURRENT) -> HostObservation:
    """A host on which `vim` has that main process and another."""
    vim = Instance(service="vim", verdict=verdict, processes=(process(pid), process(99)))
    return HostObservation(host="h", instances=(vim,))


def test_what_was_restarted_is_done_while_that_process_lives(tmp_path: Path) -> None:
    flags = Flags(tmp_path / "flags")
    flags.note("vim", (process(7), process(8)))
    assert flags.is_done("vim", host(7))
    assert not flags.is_done("vim", host(17))


def test_what_is_stale_is_never_done(tmp_path: Path) -> None:
    flags = Flags(tmp_path)
    flags.note("vim", (process(7),))
    assert not flags.is_done("vim", host(7, Verdict.STALE))


def test_what_was_never_restarted_or_is_not_there_is_not_done(tmp_path: Path) -> None:
    flags = Flags(tmp_path)
    assert not flags.is_done("vim", host(7))
    assert not flags.is_done("heat", host(7))


def test_a_flag_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    (tmp_path / "vim.restarted").write_text("")
    assert not Flags(tmp_path).is_done("vim", host(7))


def test_what_is_forgotten_is_done_again(tmp_path: Path) -> None:
    flags = Flags(tmp_path)
    flags.note("vim", (process(7),))
    flags.forget(["vim", "heat"])
    assert not flags.is_done("vim", host(7))
