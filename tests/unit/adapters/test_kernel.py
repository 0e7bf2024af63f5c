"""Reading which kernels there are."""

import os
import struct
from pathlib import Path

from insvc.adapters.kernel import build_of, kernel
from insvc.model.words import Verdict
from tests.fakes.packages import FakePackage, FakePackages

BUILD = "#1 SMP PREEMPT_DYNAMIC Debian 6.1.106-3 (2024-08-26)"
LATER = "#1 SMP PREEMPT_DYNAMIC Debian 6.1.112-1 (2024-09-30)"


def bzimage(release: str, build: str, *, magic: bytes = b"HdrS", pointer: int = 0x3000) -> bytes:
    head = bytes(0x200) + struct.pack("<2x4s8xH", magic, pointer)
    text = f"{release} (debian-kernel@lists.debian.org) {build}".encode() + b"\0"
    return head.ljust(0x200 + pointer, b"\0") + text + bytes(64)


def machine(root: Path, release: str = "6.1.0-25-amd64", build: str = BUILD) -> Path:
    folder = root / "proc/sys/kernel"
    folder.mkdir(parents=True)
    (folder / "osrelease").write_text(f"{release}\n")
    (folder / "version").write_text(f"{build}\n")
    (root / "boot").mkdir()
    return root


def put(path: Path, content: bytes = b"") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_the_build_is_read_from_the_image_itself(tmp_path: Path) -> None:
    put(tmp_path / "x", bzimage("6.1.0-25-amd64", BUILD))
    assert build_of(tmp_path / "x") == BUILD


def test_what_is_no_image_for_x86_tells_no_build(tmp_path: Path) -> None:
    contents = {
        "empty": b"",
        "magic": bzimage("6.1.0-25-amd64", BUILD, magic=b"HdrT"),
        "pointer": bzimage("6.1.0-25-amd64", BUILD, pointer=0)[:0x300],
        "cut": bzimage("6.1.0-25-amd64", BUILD)[:0x3230],
        "escape": bzimage("6.1.0-25-amd64", "\x1b[31m"),
    }
    for name, content in contents.items():
        put(tmp_path / name, content)
        assert build_of(tmp_path / name) is None, name
    os.mkfifo(tmp_path / "pipe")
    assert build_of(tmp_path / "pipe") is None
    assert build_of(tmp_path / "missing") is None


def test_a_newer_build_of_the_same_name_is_found(tmp_path: Path) -> None:
    root = machine(tmp_path)
    put(root / "boot/vmlinuz-6.1.0-25-amd64", bzimage("6.1.0-25-amd64", LATER))
    (one,) = kernel(root).instances
    assert one.verdict is Verdict.STALE
    assert one.evidence[0].subject == "/boot/vmlinuz-6.1.0-25-amd64"


def test_rescue_images_and_leftovers_do_not_count(tmp_path: Path) -> None:
    root = machine(tmp_path)
    put(root / "boot/vmlinuz-6.1.0-25-amd64", bzimage("6.1.0-25-amd64", BUILD))
    for name in ("0-rescue-1234", "6.1.0-26-amd64.old", "6.1.0-26-amd64.dpkg-new", ""):
        put(root / f"boot/vmlinuz-{name}")
    put(root / "boot/initrd.img-6.1.0-26-amd64")
    put(root / "boot/vmlinuz")
    told = kernel(root)
    assert told.instances[0].verdict is Verdict.CURRENT
    assert told.unseen == ()


def test_kernels_beside_their_modules_count(tmp_path: Path) -> None:
    root = machine(tmp_path, "6.5.6-300.fc39.x86_64", "#1 SMP")
    put(root / "lib/modules/6.6.2-101.fc39.x86_64/vmlinuz")
    (root / "lib/modules/6.7.0-100.fc39.x86_64").mkdir()
    (one,) = kernel(root).instances
    assert one.verdict is Verdict.STALE
    assert one.evidence[0].expected == "6.6.2-101.fc39.x86_64"


def test_packages_tell_the_build_where_the_image_does_not(tmp_path: Path) -> None:
    root = machine(tmp_path)
    put(root / "boot/vmlinuz-6.1.0-24-amd64", bzimage("6.1.0-24-amd64", BUILD))
    put(root / "boot/vmlinuz-6.1.0-25-amd64")
    packages = FakePackages()
    name = "linux-image-6.1.0-25-amd64"
    packages.archive["x"] = FakePackage(name=name, version="6.1.112-1")
    packages.install(["x"])
    (one,) = kernel(root, packages).instances
    assert one.verdict is Verdict.STALE
    assert one.evidence[0].expected == "6.1.0-25-amd64 (6.1.112-1)"


def test_an_unreadable_package_database_leaves_it_unseen(tmp_path: Path) -> None:
    packages = FakePackages()
    packages.is_readable = False
    root = machine(tmp_path)
    put(root / "boot/vmlinuz-6.1.0-25-amd64")
    told = kernel(root, packages)
    assert told.instances == ()
    assert len(told.unseen) == 1


def test_a_live_patch_is_named(tmp_path: Path) -> None:
    root = machine(tmp_path)
    put(root / "boot/vmlinuz-6.1.0-26-amd64", bzimage("6.1.0-26-amd64", LATER))
    (root / "sys/kernel/livepatch/fix_7").mkdir(parents=True)
    (one,) = kernel(root).instances
    assert one.verdict is Verdict.SUSPECT
    assert "fix_7" in one.evidence[0].found


def test_a_machine_that_does_not_tell_its_kernel_is_unseen(tmp_path: Path) -> None:
    told = kernel(tmp_path)
    assert told.unseen == ("kernel: which one runs cannot be read: No such file or directory",)
