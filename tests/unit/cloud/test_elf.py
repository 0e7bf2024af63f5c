import ctypes
import struct
from pathlib import Path

import pytest

from insvc.cloud.elf import CODE_BYTES, MAX_VALUE, PAGE_BYTES, return_constant, shared_object
from insvc.errors import InputError


@pytest.mark.parametrize("value", [0, 1, 1_000_002, MAX_VALUE])
def test_the_loader_runs_its_code(tmp_path: Path, value: int) -> None:
    path = tmp_path / "libthing.so"
    path.write_bytes(shared_object("libthing.so", {"version": value, "next_version": value // 2}))
    library = ctypes.CDLL(str(path))
    assert library.version() == value
    assert library.next_version() == value // 2


def test_it_may_export_nothing(tmp_path: Path) -> None:
    path = tmp_path / "libempty.so"
    path.write_bytes(shared_object("libempty.so", {}))
    with pytest.raises(AttributeError):
        ctypes.CDLL(str(path)).version()


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_code_has_one_size_on_every_machine(machine: str) -> None:
    assert len(return_constant(machine, 7)) == CODE_BYTES


def test_the_machine_is_named_in_the_header() -> None:
    image = shared_object("lib.so", {"version": 1}, machine="aarch64")
    assert struct.unpack_from("<H", image, 18) == (183,)


def test_text_and_dynamic_section_lie_on_pages_of_their_own() -> None:
    image = shared_object("lib.so", {"version": 1}, machine="x86_64")
    text_bytes = struct.unpack_from("<Q", image, 64 + 32)[0]
    dynamic_at = struct.unpack_from("<Q", image, 64 + 56 + 8)[0]
    assert dynamic_at % PAGE_BYTES == 0
    assert text_bytes <= dynamic_at


@pytest.mark.parametrize("value", [-1, MAX_VALUE + 1])
def test_a_number_that_the_code_cannot_return_is_refused(value: int) -> None:
    with pytest.raises(InputError, match="no version number"):
        return_constant("x86_64", value)


def test_an_unknown_machine_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError) as caught:
        return_constant("vax", 1)
    assert "x86_64, aarch64" in caught.value.next_act
