"""Microcode that runs and that is installed."""

import struct

import pytest

from insvc.inspect.microcode import (
    AMD,
    INTEL,
    File,
    Processor,
    Update,
    amd_updates,
    intel_updates,
    microcode_account,
)
from insvc.model.words import Verdict

SKYLAKE = 0x506E3
ZEN = 0x800F12


def intel(
    revision: int,
    signature: int = SKYLAKE,
    platforms: int = 0x36,
    *,
    further: tuple[tuple[int, int], ...] = (),
    size: int = 64,
    version: int = 1,
) -> bytes:
    table = b""
    if further:
        table = struct.pack("<2I12x", len(further), 0)
        table += b"".join(struct.pack("<3I", one, mask, 0) for one, mask in further)
    total = 48 + (size or 2000) + len(table)
    head = struct.pack(
        "<9I12x", version, revision, 0x20240101, signature, 0, 1, platforms, size,
        total if size else 0,
    )  # fmt: skip
    return head + b"\1" * (size or 2000) + table


def amd(*patches: tuple[int, int], kinds: tuple[tuple[int, int], ...] = ((ZEN, 0x8012),)) -> bytes:
    table = b"".join(struct.pack("<3I2H", one, 0, 0, number, 0) for one, number in kinds)
    table += bytes(16)
    container = struct.pack("<3I", 0x00414D44, 0, len(table)) + table
    for number, revision in patches:
        body = struct.pack("<2I2H3IH", 0x20240101, revision, 0x8004, 0, 0, 0, 0, number) + bytes(38)
        container += struct.pack("<2I", 1, len(body)) + body
    return container


def processor(
    revision: int | None = 0xE0,
    *,
    vendor: str = INTEL,
    platforms: int | None = 0x2,
    is_virtual: bool = False,
) -> Processor:
    family, model, stepping = (6, 0x5E, 3) if vendor == INTEL else (0x17, 1, 2)
    return Processor(
        vendor=vendor,
        family=family,
        model=model,
        stepping=stepping,
        revision=revision,
        platforms=platforms,
        is_virtual=is_virtual,
    )


def file(content: bytes, *, is_since_boot: bool = True) -> File:
    return File(path="/lib/firmware/x", content=content, is_since_boot=is_since_boot)


def verdict(one: Processor, content: bytes, *, is_since_boot: bool = True) -> Verdict:
    told = microcode_account(one, file(content, is_since_boot=is_since_boot))
    assert told.beyond == ()
    return told.instances[0].verdict


def test_kinds_of_processors_are_named_as_files_name_them() -> None:
    assert processor().signature == SKYLAKE
    assert processor().file == "intel-ucode/06-5e-03"
    assert processor(vendor=AMD).signature == ZEN
    assert processor(vendor=AMD).file == "amd-ucode/microcode_amd_fam17h.bin"
    old = Processor(vendor=AMD, family=0x10, model=2, stepping=3, revision=1)
    assert old.file == "amd-ucode/microcode_amd.bin"


def test_a_newer_revision_installed_since_the_boot_is_proof() -> None:
    told = microcode_account(processor(), file(intel(0xD0) + intel(0xF0)))
    (one,) = told.instances
    assert one.verdict is Verdict.STALE
    assert (one.evidence[0].found, one.evidence[0].expected) == ("revision 0xe0", "revision 0xf0")


@pytest.mark.parametrize("revision", [0xE0, 0xD0])
def test_what_is_not_newer_leaves_it_current(revision: int) -> None:
    assert verdict(processor(), intel(revision)) is Verdict.CURRENT


def test_what_the_last_boot_did_not_load_is_a_hint_only() -> None:
    assert verdict(processor(), intel(0xF0), is_since_boot=False) is Verdict.SUSPECT


def test_updates_for_another_platform_do_not_count() -> None:
    told = microcode_account(processor(platforms=0x80), file(intel(0xF0, platforms=0x36)))
    assert told.instances == ()
    assert told.beyond == ("microcode: /lib/firmware/x holds none for this processor",)
    assert verdict(processor(platforms=0x80), intel(0xF0, platforms=0)) is Verdict.STALE


def test_an_unknown_platform_makes_it_a_hint() -> None:
    assert verdict(processor(platforms=None), intel(0xF0)) is Verdict.SUSPECT
    assert verdict(processor(platforms=None), intel(0xF0, platforms=0)) is Verdict.STALE


def test_prototypes_are_neither_offered_nor_judged() -> None:
    told = microcode_account(processor(), file(intel(0x800000F0)))
    assert told.instances == ()
    assert verdict(processor(0x80000001), intel(0xF0)) is Verdict.CURRENT


def test_an_update_may_be_for_further_kinds() -> None:
    content = intel(0xF0, 0x906E9, further=((0x1, 1), (SKYLAKE, 2)))
    assert list(intel_updates(content, SKYLAKE)) == [Update(0xF0, 2)]
    assert list(intel_updates(content, 0x906E9)) == [Update(0xF0, 0x36)]


def test_the_oldest_form_of_an_update_has_no_sizes() -> None:
    assert list(intel_updates(intel(0x7, size=0), SKYLAKE)) == [Update(0x7, 0x36)]


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 100, intel(1)[:-1], intel(1, version=2), intel(1)[:40]]
)
def test_what_is_no_update_of_intel_holds_none(content: bytes) -> None:
    assert list(intel_updates(content, SKYLAKE)) == []


def test_a_cut_table_of_further_kinds_ends_there() -> None:
    table = struct.pack("<2I12x", 9, 0) + struct.pack("<3I", SKYLAKE, 2, 0)
    head = struct.pack("<9I12x", 1, 5, 0, 1, 0, 1, 0, 64, 48 + 64 + len(table))
    assert list(intel_updates(head + bytes(64) + table, SKYLAKE)) == [Update(5, 2)]


def test_an_endless_row_of_updates_is_read_to_a_bound() -> None:
    one = struct.pack("<9I12x", 1, 5, 0, SKYLAKE, 0, 1, 0, 4, 52) + bytes(4)
    assert len(list(intel_updates(one * 5000, SKYLAKE))) == 4096


def test_patches_of_amd_are_found_by_their_equivalents() -> None:
    content = amd((0x8012, 0x0800126F), (0x8082, 0x0800820D))
    assert list(amd_updates(content, ZEN)) == [Update(0x0800126F)]
    assert list(amd_updates(content, 0x1)) == []


def test_containers_of_amd_may_follow_one_another() -> None:
    content = amd((1, 0x10), kinds=((0x5, 1),)) + amd((0x8012, 0x20), (1, 0x30))
    assert list(amd_updates(content, ZEN)) == [Update(0x20)]


@pytest.mark.parametrize(
    "content",
    [b"", b"AMD", struct.pack("<2I", 7, 0), amd((0x8012, 1))[:-1], struct.pack("<2I", 1, 4) * 2],
)
def test_what_is_no_container_of_amd_holds_none(content: bytes) -> None:
    assert list(amd_updates(content, ZEN)) == []


def test_an_endless_container_is_read_to_a_bound() -> None:
    assert list(amd_updates(struct.pack("<2I", 0, 0) * 5000, ZEN)) == []


def test_amds_processors_are_judged_without_platforms() -> None:
    one = processor(0x08001137, vendor=AMD, platforms=None)
    assert verdict(one, amd((0x8012, 0x0800126F))) is Verdict.STALE
    assert verdict(one, amd((0x8012, 0x08001137))) is Verdict.CURRENT


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (processor(is_virtual=True), "virtual machine"),
        (processor(None), "not told for GenuineIntel"),
        (Processor(vendor="", family=0, model=0, stepping=0, revision=1), "this processor"),
        (processor(), "none is installed here"),
    ],
)
def test_where_nothing_can_be_said_nothing_is_claimed(one: Processor, words: str) -> None:
    told = microcode_account(one, None)
    assert (told.instances, told.unseen) == ((), ())
    assert words in told.beyond[0]
