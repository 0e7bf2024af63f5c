"""Which files processes may execute, asked of the kernel in the cheapest way that it has.

Since Linux 6.11 it can be asked for such mappings alone, one after the other; before, and wherever
that is refused, it writes all mappings as text, of which most are of no interest.
"""

import errno
import fcntl
import os
import struct
from array import array

from insvc.adapters.proc_file import READ, read_open
from insvc.inspect.maps import executable_lines, tail_of

_LONGEST_NAME = 4096
_QUERY = struct.Struct("=9Q4I2Q")
_ADDRESS, _ADDRESS_AT = struct.Struct("=Q"), 16
_FILE, _FILE_AT = struct.Struct("=Q24xQ3I"), 32
_ASK = (3 << 30) | (_QUERY.size << 16) | (ord("f") << 8) | 17
_WANTED = 0x04 | 0x10 | 0x20
"""May be executed; that address or the next mapping; of a file."""


class CodeMappings:
    """Asks of one process after the other; what the kernel cannot do is tried once."""

    def __init__(self) -> None:
        self._can_ask = True
        self._known: dict[tuple[int, int, int, bytes], bytes] = {}
        self._name = array("B", bytes(_LONGEST_NAME))
        self._view = memoryview(self._name)
        name_at, _ = self._name.buffer_info()
        question = (_QUERY.size, _WANTED, 0, 0, 0, 0, 0, 0, 0, 0, 0, _LONGEST_NAME, 0, name_at, 0)
        self._question = _QUERY.pack(*question)
        self._answer = bytearray(self._question)

    def tails(self, folder: int) -> list[bytes]:
        """Device, inode and path of each file that the process may execute, as maps writes them.

        A file is told as often as it is mapped, in the order of addresses.

        Args:
            folder: descriptor of the folder of the process, or of one of its threads, in procfs.

        Returns:
            the tails; none where it maps nothing.

        Raises:
            OSError: it is gone or may not be read.
        """
        file = os.open("maps", READ, dir_fd=folder)
        try:
            if self._can_ask:
                try:
                    return self._asked(file)
                except OSError as fault:
                    self._can_ask = fault.errno != errno.ENOTTY
            return executable_lines(read_open(file))
        finally:
            os.close(file)

    def _asked(self, file: int) -> list[bytes]:
        """The same by questions.

        Raises:
            OSError: the kernel does not answer such questions, or not this one.
        """
        found: list[bytes] = []
        answer, view, known = self._answer, self._view, self._known
        answer[:] = self._question
        while True:
            try:
                fcntl.ioctl(file, _ASK, answer)
            except OSError as fault:
                if fault.errno in {errno.ENOENT, errno.ESRCH}:
                    return found
                raise
            end, inode, major, minor, length = _FILE.unpack_from(answer, _FILE_AT)
            key = (inode, major, minor, bytes(view[: length - 1]))
            tail = known.get(key)
            if tail is None:
                path = key[3]
                tail = tail_of(major, minor, inode, path) if path.startswith(b"/") else b""
                known[key] = tail
            if tail:
                found.append(tail)
            answer[:] = self._question
            _ADDRESS.pack_into(answer, _ADDRESS_AT, end)
