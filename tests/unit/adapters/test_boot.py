"""Looking at what only another boot replaces."""

from pathlib import Path

import pytest

from insvc.adapters.boot import boot
from insvc.model.words import EvidenceKind


def machine(root: Path) -> Path:
    folder = root / "proc/sys/kernel"
    folder.mkdir(parents=True)
    (folder / "osrelease").write_text("6.1.0-25-amd64\n")
    (folder / "version").write_text("#1 SMP Debian 6.1.106-3\n")
    (root / "boot").mkdir()
    (root / "boot/vmlinuz-6.1.0-26-amd64").touch()
    (root / "run").mkdir()
    return root


def test_kernel_and_microcode_are_looked_at(tmp_path: Path) -> None:
    told = boot(machine(tmp_path), 0.0)
    assert [one.service for one in told.instances] == ["kernel"]
    assert [line.partition(":")[0] for line in told.beyond] == ["microcode"]


@pytest.mark.parametrize(
    "sign",
    ["run/systemd/container", ".dockerenv", "run/.containerenv", "run/host/container-manager"],
)
def test_a_container_has_no_kernel_of_its_own(tmp_path: Path, sign: str) -> None:
    root = machine(tmp_path)
    (root / sign).parent.mkdir(parents=True, exist_ok=True)
    (root / sign).write_text("systemd-nspawn\n")
    told = boot(root, 0.0)
    assert (told.instances, told.unseen) == ((), ())
    assert "this is a container" in told.beyond[0]


def test_the_wish_for_a_reboot_is_told_with_who_wishes_it(tmp_path: Path) -> None:
    root = machine(tmp_path)
    (root / "run/reboot-required").write_text("*** System restart required ***\n")
    assert boot(root, 0.0).instances[-1].evidence[0].found == "a reboot is asked for"
    (root / "run/reboot-required.pkgs").write_text("libc6\ndbus\n")
    (sign,) = boot(root, 0.0).instances[-1].evidence
    assert sign.kind is EvidenceKind.REQUESTED
    assert sign.found == "a reboot is asked for by libc6, dbus"
