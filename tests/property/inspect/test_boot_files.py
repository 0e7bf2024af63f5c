"""Whatever stands in the files of kernels, microcode and the memory: a reader never breaks."""

import contextlib
import struct

from hypothesis import given
from hypothesis import strategies as st

from insvc.inspect.guests import guest_of
from insvc.inspect.kernel import Image, Running, kernel_account, release_of
from insvc.inspect.microcode import amd_updates, intel_updates
from insvc.inspect.remembered import states_in

WORDS = st.lists(st.sampled_from([0, 1, 4, 7, 48, 52, 0x00414D44, 2**31, 2**32 - 1]), max_size=40)
CONTENT = st.binary() | WORDS.map(lambda words: struct.pack(f"<{len(words)}I", *words))
NAMES = st.text() | st.from_regex(
    r"[0-9]{1,2}\.[0-9]{1,2}(\.[0-9]{1,3})?(-rc[0-9])?([+~][a-z0-9]+)?(-[0-9a-z._]{1,9}){0,3}",
    fullmatch=True,
)
BUILDS = st.text() | st.sampled_from(["#1 SMP Debian 6.1.1-1 (x)", "#7-Ubuntu SMP", "#1 SMP"])


@given(CONTENT, st.integers(0, 2**32 - 1))
def test_any_microcode_file_is_read_to_its_end(content: bytes, signature: int) -> None:
    for reader in (intel_updates, amd_updates):
        assert len(list(reader(content, signature))) <= len(content)


@given(NAMES, NAMES, BUILDS, BUILDS | st.none())
def test_any_two_kernels_are_compared_or_told_as_unseen(
    running: str, installed: str, build: str, other: str | None
) -> None:
    image = Image(path="/boot/x", release=installed, build=other)
    told = kernel_account(Running(release=running, build=build), [image])
    assert len(told.instances) + len(told.unseen) == 1


@given(NAMES, NAMES)
def test_the_order_of_kernels_is_one(left: str, right: str) -> None:
    one, other = release_of(left), release_of(right)
    if one is not None and other is not None:
        assert (one.order < other.order) + (one.order > other.order) + (
            one.order == other.order
        ) == 1


@given(st.text())
def test_any_memory_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        states_in(text)


@given(st.binary())
def test_any_command_line_names_a_guest_plainly(command: bytes) -> None:
    name = guest_of("/usr/bin/qemu-system-x86_64", b"-name\0" + command)
    assert name == "" or name.isprintable()
