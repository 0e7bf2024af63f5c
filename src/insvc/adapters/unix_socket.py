"""Unix stream sockets below paths of any length.

The kernel takes socket names of at most 107 bytes. Here the folder is opened first and the
socket is named through `/proc/self/fd/FOLDER/NAME`, which is short wherever the folder is.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from insvc.errors import WorldError

BACKLOG = 64
_STALE_CHECK_S = 0.5


def listen(path: Path) -> socket.socket:
    """A listening socket at that path, which only its owner may connect to (mode 0600).

    The file of a listener that is gone is replaced; one that still answers is left alone.

    Raises:
        WorldError: somebody answers there already, or the folder refuses the socket.
    """
    with _short_name(path) as name:
        if _answers(name):
            raise WorldError(
                str(path),
                "another process listens on this socket",
                next_act="stop that process, or use another folder",
            )
        try:
            _unlink_socket(path)
            return _bind(name)
        except OSError as fault:
            raise _refused(path, "cannot listen", fault) from fault


def connect(path: Path, timeout_s: float) -> socket.socket:
    """A blocking connection to the listener at that path.

    Args:
        path: the socket's file.
        timeout_s: bound on the connection and on every later wait; the caller may change it.

    Raises:
        WorldError: nobody listens there.
    """
    with _short_name(path) as name:
        client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        client.settimeout(timeout_s)
        try:
            client.connect(name)
        except OSError as fault:
            client.close()
            raise _refused(path, "cannot connect", fault) from fault
        return client


@contextmanager
def _short_name(path: Path) -> Iterator[str]:
    """A name for the socket that fits into the kernel's limit, valid inside the block."""
    try:
        folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as fault:
        raise _refused(path, "its folder cannot be opened", fault) from fault
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def _answers(name: str) -> bool:
    """Whether a listener accepts on that socket now. One with a full queue answers too."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(_STALE_CHECK_S)
        try:
            client.connect(name)
        except (TimeoutError, BlockingIOError):
            return True
        except OSError:
            return False
        return True


def _unlink_socket(path: Path) -> None:
    """Remove a stale socket; never a file of any other kind."""
    if path.is_socket():
        with suppress(FileNotFoundError):
            path.unlink()


def _bind(name: str) -> socket.socket:
    """Bind, close the file to others, and only then listen: nobody else gets in between."""
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        server.bind(name)
        Path(name).chmod(0o600)
        server.listen(BACKLOG)
    except OSError:
        server.close()
        raise
    return server


def _refused(path: Path, what: str, fault: OSError) -> WorldError:
    """The operating system's refusal as an error of ours."""
    return WorldError(
        str(path), f"{what}: {fault.strerror or fault}", next_act="check that its owner runs"
    )
