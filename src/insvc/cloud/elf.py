"""Writes a tiny ELF shared object whose machine code returns a version number.

A stand-in loads such a library and keeps it mapped, so that replacing its package leaves the same
trace in `/proc/PID/maps` as replacing a real one: an executable mapping of a deleted file.

Source: System V ABI, chapters 4 and 5, and the processor supplements for x86-64 and AArch64.
"""

import platform
import struct
from collections.abc import Mapping

from insvc.errors import InputError

PAGE_BYTES = 0x1000
HEADER_BYTES = 64
PROGRAM_HEADER_BYTES = 56
SYMBOL_BYTES = 24
PROGRAM_HEADERS = 4
CODE_BYTES = 16
MAX_VALUE = 0x7FFF_FFFF

ET_DYN = 3
PT_LOAD, PT_DYNAMIC, PT_GNU_STACK = 1, 2, 0x6474E551
PF_X, PF_W, PF_R = 1, 2, 4
DT_NULL, DT_HASH, DT_STRTAB, DT_SYMTAB, DT_STRSZ, DT_SYMENT, DT_SONAME = 0, 4, 5, 6, 10, 11, 14
GLOBAL_FUNCTION = (1 << 4) | 2
MACHINES = {"x86_64": 62, "aarch64": 183}


def return_constant(machine: str, value: int) -> bytes:
    """Machine code of a function that returns the value, padded to `CODE_BYTES`.

    Raises:
        InputError: the machine is not known here, or the value is not a positive 31-bit number.
    """
    if not 0 <= value <= MAX_VALUE:
        raise InputError(
            str(value), "is no version number from 0 to 2147483647", next_act="use a smaller number"
        )
    if machine == "x86_64":
        code = b"\xb8" + struct.pack("<I", value) + b"\xc3"  # mov eax, value; ret
        return code.ljust(CODE_BYTES, b"\x90")
    if machine == "aarch64":
        low = 0x52800000 | (value & 0xFFFF) << 5  # movz w0, low
        high = 0x72A00000 | (value >> 16) << 5  # movk w0, high, lsl 16
        return struct.pack("<IIII", low, high, 0xD65F03C0, 0xD503201F)  # …; ret; nop
    raise InputError(
        machine, "no machine code is known for it", next_act=f"use one of: {', '.join(MACHINES)}"
    )


def shared_object(
    soname: str, functions: Mapping[str, int], *, machine: str | None = None
) -> bytes:
    """A complete shared object.

    Args:
        soname: the name it gives itself (`libcinder.so.1`).
        functions: for each exported function the number that it returns.
        machine: `x86_64` or `aarch64`; this machine where absent.

    Raises:
        InputError: see `return_constant`.
    """
    machine = machine or platform.machine()
    code = b"".join(return_constant(machine, value) for value in functions.values())
    strings, offsets = _string_table([soname, *functions])
    symbols_at = HEADER_BYTES + PROGRAM_HEADERS * PROGRAM_HEADER_BYTES
    hash_at = symbols_at + SYMBOL_BYTES * (len(functions) + 1)
    hashes = _hash_table(list(functions))
    strings_at = hash_at + len(hashes)
    code_at = _aligned(strings_at + len(strings), CODE_BYTES)
    symbols = _symbol_table(offsets[1:], code_at)
    text_end = code_at + len(code)
    dynamic_at = _aligned(text_end, PAGE_BYTES)
    dynamic = struct.pack(
        "<14Q",
        *(DT_SONAME, offsets[0], DT_HASH, hash_at, DT_STRTAB, strings_at, DT_SYMTAB, symbols_at),
        *(DT_STRSZ, len(strings), DT_SYMENT, SYMBOL_BYTES, DT_NULL, 0),
    )
    programs = _program_headers(text_end, dynamic_at, len(dynamic))
    text = _file_header(MACHINES[machine]) + programs + symbols + hashes + strings
    return (text.ljust(code_at, b"\0") + code).ljust(dynamic_at, b"\0") + dynamic


def _aligned(offset: int, to: int) -> int:
    return -(-offset // to) * to


def _string_table(names: list[str]) -> tuple[bytes, list[int]]:
    table, offsets = b"\0", []
    for name in names:
        offsets.append(len(table))
        table += name.encode("ascii") + b"\0"
    return table, offsets


def _symbol_table(name_offsets: list[int], code_at: int) -> bytes:
    table = bytes(SYMBOL_BYTES)
    for number, name_offset in enumerate(name_offsets):
        value = code_at + number * CODE_BYTES
        table += struct.pack("<IBBHQQ", name_offset, GLOBAL_FUNCTION, 0, 1, value, CODE_BYTES)
    return table


def _hash_table(names: list[str]) -> bytes:
    """One bucket that chains every symbol: small tables need no more."""
    count = len(names) + 1
    chain = [0, *range(2, count), 0][:count]
    return struct.pack(f"<{3 + count}I", 1, count, 1 if names else 0, *chain)


def _file_header(machine: int) -> bytes:
    identity = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9)  # 64-bit, little endian, version 1
    return identity + struct.pack(
        "<HHIQQQIHHHHHH",
        *(ET_DYN, machine, 1, 0, HEADER_BYTES, 0, 0, HEADER_BYTES),
        *(PROGRAM_HEADER_BYTES, PROGRAM_HEADERS, 0, 0, 0),
    )


def _program_headers(text_bytes: int, dynamic_at: int, dynamic_bytes: int) -> bytes:
    """Text is mapped to be executed; the loader writes into the dynamic section."""
    rows = (
        (PT_LOAD, PF_R | PF_X, 0, text_bytes, PAGE_BYTES),
        (PT_LOAD, PF_R | PF_W, dynamic_at, dynamic_bytes, PAGE_BYTES),
        (PT_DYNAMIC, PF_R | PF_W, dynamic_at, dynamic_bytes, 8),
        (PT_GNU_STACK, PF_R | PF_W, 0, 0, 16),
    )
    return b"".join(
        struct.pack("<IIQQQQQQ", kind, flags, at, at, at, size, size, align)
        for kind, flags, at, size, align in rows
    )
