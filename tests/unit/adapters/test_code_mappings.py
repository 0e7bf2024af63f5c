"""The kernel's answers to questions and its text of all mappings say the same."""

import errno
import fcntl
import mmap
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from insvc.adapters.code_mappings import CodeMappings
from insvc.inspect.maps import MappedFile, executable_lines, mapped_file
from tests.fakes.proc_tree import ProcTree, maps_line


@pytest.fixture
def tree(tmp_path: Path) -> ProcTree:
    """An empty procfs with a first process."""
    return ProcTree(tmp_path / "proc")


def tails(path: Path, mappings: CodeMappings | None = None) -> list[bytes]:
    """Of the process with that folder."""
    folder = os.open(path, os.O_PATH)
    try:
        return (mappings or CodeMappings()).tails(folder)
    finally:
        os.close(folder)


@pytest.fixture
def odd(tmp_path: Path) -> Iterator[Path]:
    """A file of an odd name, mapped by this process to be executed, and deleted."""
    path = tmp_path / "lib (x)\nof [odd] name.so"
    path.write_bytes(b"x" * mmap.PAGESIZE)
    with path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ | mmap.PROT_EXEC)
    path.unlink()
    yield path
    mapped.close()


def test_this_process_executes_what_the_text_says(odd: Path) -> None:
    text = Path("/proc/self/maps").read_bytes()
    found = [mapped_file(tail) for tail in tails(Path("/proc/self"))]
    assert found == [mapped_file(tail) for tail in executable_lines(text)]
    assert str(odd) in {one.path for one in found}


def test_without_questions_the_text_is_read(tree: ProcTree, tmp_path: Path) -> None:
    library = tmp_path / "libx.so"
    library.touch()
    folder = tree.add(7, maps=[maps_line(library), maps_line(library, rights="r--p")])
    (tail,) = tails(folder)
    assert mapped_file(tail).path == str(library)
    assert tails(tree.add(8)) == []


def test_a_process_that_is_gone_is_an_error(tree: ProcTree) -> None:
    folder = tree.add(7)
    (folder / "maps").unlink()
    with pytest.raises(FileNotFoundError):
        tails(folder)


class Kernel:
    """Answers questions as the kernel does, and counts them.

    Args:
        files: device (major, minor), inode and path of each mapping of a file.
        refuses: the error it answers with.
    """

    def __init__(self, files: list[tuple[int, int, int, bytes]], refuses: int = 0) -> None:
        self.files = files
        self.refuses = refuses
        self.asked = 0

    def ioctl(self, _: int, code: int, answer: bytearray) -> int:
        """Answer as PROCMAP_QUERY."""
        self.asked += 1
        assert (code, len(answer)) == (0xC0686611, 104)
        if self.refuses:
            raise OSError(self.refuses, os.strerror(self.refuses))
        size, flags, at = struct.unpack_from("=3Q", answer)
        assert (size, flags) == (104, 0x34)
        if at >= len(self.files):
            raise OSError(errno.ENOENT, "no more")
        major, minor, inode, path = self.files[at]
        name_bytes, _, name_at = struct.unpack_from("=2IQ", answer, 80)
        assert name_bytes == 4096
        _write(name_at, path + b"\0")
        struct.pack_into("=2Q", answer, 24, at, at + 1)
        struct.pack_into("=Q3I", answer, 64, inode, major, minor, len(path) + 1)
        return 0


def _write(address: int, text: bytes) -> None:
    import ctypes

    ctypes.memmove(address, text, len(text))


def asking(monkeypatch: pytest.MonkeyPatch, kernel: Kernel) -> None:
    """Let that kernel answer."""
    monkeypatch.setattr(fcntl, "ioctl", kernel.ioctl)


def test_every_mapping_of_a_file_is_told_once_asked(
    tree: ProcTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [
        (8, 1, 77, b"/usr/bin/python3.11"),
        (0, 40, 2**40, b"/tmp/x\ny (deleted)"),
        (0, 1, 5, b"anon_inode:[perf_event]"),
        (259, 0, 3, b"/x"),
    ]
    kernel = Kernel(files)
    asking(monkeypatch, kernel)
    found = tails(tree.add(7))
    assert found == [
        b"08:01 77 /usr/bin/python3.11",
        b"00:28 1099511627776 /tmp/x\\012y (deleted)",
        b"103:00 3 /x",
    ]
    assert kernel.asked == 5
    assert isinstance(mapped_file(found[0]), MappedFile)


def test_a_kernel_that_knows_no_questions_is_asked_once(
    tree: ProcTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = Kernel([], errno.ENOTTY)
    asking(monkeypatch, kernel)
    mappings = CodeMappings()
    folder = tree.add(7, maps=[maps_line(tmp_path)])
    assert len(tails(folder, mappings)) == len(tails(folder, mappings)) == 1
    assert kernel.asked == 1


@pytest.mark.parametrize(
    ("refuses", "expected", "asked"), [("ENAMETOOLONG", 1, 2), ("EPERM", 1, 2), ("ESRCH", 0, 2)]
)
def test_what_the_kernel_does_not_answer_is_read_as_text(
    tree: ProcTree,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    refuses: str,
    expected: int,
    asked: int,
) -> None:
    kernel = Kernel([], getattr(errno, refuses))
    asking(monkeypatch, kernel)
    mappings: Any = CodeMappings()
    folder = tree.add(7, maps=[maps_line(tmp_path)])
    assert [len(tails(folder, mappings)) for _ in "ab"] == [expected, expected]
    assert kernel.asked == asked
