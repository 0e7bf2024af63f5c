"""Reading which microcode there is."""

import lzma
import os
import struct
import time
from pathlib import Path

import pytest

from insvc.adapters.microcode import microcode
from insvc.model.words import Verdict

CPUINFO = """processor\t: 0
vendor_id\t: GenuineIntel
cpu family\t: 6
model\t\t: 94
model name\t: Some processor
stepping\t: 3
microcode\t: 0xe0
flags\t\t: fpu vme{flags}

processor\t: 1
vendor_id\t: AuthenticAMD
"""
FILE = "lib/firmware/intel-ucode/06-5e-03"


def update(revision: int) -> bytes:
    return struct.pack("<9I12x", 1, revision, 0, 0x506E3, 0, 1, 0x2, 16, 64) + bytes(16)


def machine(root: Path, flags: str = "", revisions: tuple[str, ...] = ("0xe0", "0xe0")) -> Path:
    (root / "proc").mkdir()
    (root / "proc/cpuinfo").write_text(CPUINFO.format(flags=flags))
    for number, revision in enumerate(revisions):
        folder = root / f"sys/devices/system/cpu/cpu{number}/microcode"
        folder.mkdir(parents=True)
        (folder / "version").write_text(f"{revision}\n")
        (folder / "processor_flags").write_text("0x2\n")
    (root / "sys/devices/system/cpu/cpufreq").mkdir(parents=True)
    (root / FILE).parent.mkdir(parents=True)
    return root


def verdict(root: Path, booted_at: float = 0.0) -> Verdict:
    told = microcode(root, booted_at)
    assert (told.unseen, told.beyond) == ((), ())
    return told.instances[0].verdict


def test_a_file_that_came_after_the_boot_is_proof(tmp_path: Path) -> None:
    root = machine(tmp_path)
    (root / FILE).write_bytes(update(0xF0))
    assert verdict(root) is Verdict.STALE
    assert verdict(root, time.time() + 60) is Verdict.SUSPECT


def test_the_lowest_revision_of_all_processors_counts(tmp_path: Path) -> None:
    root = machine(tmp_path, revisions=("0xf0", "0xe0"))
    (root / FILE).write_bytes(update(0xF0))
    assert verdict(root) is Verdict.STALE


def test_all_processors_up_to_date_are_current(tmp_path: Path) -> None:
    root = machine(tmp_path, revisions=("0xf0", "0xf0"))
    (root / FILE).write_bytes(update(0xF0))
    assert verdict(root) is Verdict.CURRENT


def test_without_its_folders_the_list_of_processors_tells_the_revision(tmp_path: Path) -> None:
    root = machine(tmp_path, revisions=())
    (root / FILE).write_bytes(update(0xF0))
    assert verdict(root) is Verdict.SUSPECT


def test_a_revision_that_is_no_number_is_none(tmp_path: Path) -> None:
    root = machine(tmp_path, revisions=("odd",))
    text = (root / "proc/cpuinfo").read_text().replace("microcode", "else")
    (root / "proc/cpuinfo").write_text(text)
    told = microcode(root, 0.0)
    assert told.instances == ()
    assert "is not told for GenuineIntel" in told.beyond[0]


def test_a_compressed_file_is_read(tmp_path: Path) -> None:
    root = machine(tmp_path)
    (root / f"{FILE}.xz").write_bytes(lzma.compress(update(0xF0)))
    assert verdict(root) is Verdict.STALE
    assert microcode(root, 0.0).instances[0].evidence[0].subject == f"/{FILE}.xz"


@pytest.mark.parametrize(
    ("suffix", "content"), [(".xz", b"no such thing"), (".zst", b"\x28\xb5\x2f\xfd")]
)
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, suffix: str, content: bytes) -> None:
    root = machine(tmp_path)
    (root / f"{FILE}{suffix}").write_bytes(content)
    told = microcode(root, 0.0)
    assert told.instances == ()
    assert told.unseen[0].startswith("microcode: /lib/firmware/intel-ucode/06-5e-03 cannot be")


def test_a_pipe_in_its_place_holds_nobody_up(tmp_path: Path) -> None:
    root = machine(tmp_path)
    os.mkfifo(root / FILE)
    assert "no regular file" in microcode(root, 0.0).unseen[0]


def test_a_virtual_machine_claims_nothing(tmp_path: Path) -> None:
    root = machine(tmp_path, flags=" hypervisor")
    (root / FILE).write_bytes(update(0xF0))
    told = microcode(root, 0.0)
    assert (told.instances, told.unseen) == ((), ())
    assert "virtual machine" in told.beyond[0]


def test_where_nothing_is_installed_nothing_is_claimed(tmp_path: Path) -> None:
    told = microcode(machine(tmp_path), 0.0)
    assert "none is installed here" in told.beyond[0]


def test_a_machine_that_tells_nothing_of_its_processors_claims_nothing(tmp_path: Path) -> None:
    told = microcode(tmp_path, 0.0)
    assert told.beyond == ("microcode: which one runs is not told for this processor",)
