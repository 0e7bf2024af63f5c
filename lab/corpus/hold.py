"""Run in a lab host: does what its words say, reports that it is ready, and sleeps.

`hold.py NAME VERB ARGUMENT …`: each verb takes one argument. When all are done, /run/lab/NAME
exists. Verbs that fork go on with the rest of the words in the child alone.
"""

import ctypes
import mmap
import os
import platform
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path

EXECUTABLE = mmap.PROT_READ | mmap.PROT_EXEC
SYSTEM_EXIT = {"x86_64": 60}.get(platform.machine(), 93)
KEPT: list[object] = []


def lib(path: str) -> None:
    """Map a library, as a linked or opened one is."""
    KEPT.append(ctypes.CDLL(path))


def unpack(path: str) -> None:
    """Map a copy of a library, unpacked at `path`, and delete it: what JNA and zstd-jni do."""
    source = next(Path("/usr/lib").glob("*/libz.so.1"))
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, path)
    lib(path)
    Path(path).unlink()


def memory(name: str) -> None:
    """Map an executable page of a file that is only in memory."""
    number = os.memfd_create(name)
    os.ftruncate(number, 4096)
    KEPT.append(mmap.mmap(number, 4096, prot=EXECUTABLE | mmap.PROT_WRITE))


def closure(folder: str) -> None:
    """Map executable memory through a file made and deleted in a folder, as libffi does."""
    number, path = tempfile.mkstemp(prefix="ffi", dir=folder)
    Path(path).unlink()
    os.ftruncate(number, 4096)
    KEPT.append(mmap.mmap(number, 4096, prot=EXECUTABLE | mmap.PROT_WRITE))


def nameless(folder: str) -> None:
    """Map executable memory through a file that never had a name."""
    number = os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o700)
    os.ftruncate(number, 4096)
    KEPT.append(mmap.mmap(number, 4096, prot=EXECUTABLE))


def segment(_: str) -> None:
    """Attach an executable System V shared memory segment, and mark it for removal."""
    libc = ctypes.CDLL(None)
    libc.shmat.restype = ctypes.c_void_p
    number = libc.shmget(0, 4096, 0o1700)
    assert libc.shmat(number, None, 0o100000) not in {None, ctypes.c_void_p(-1).value}
    libc.shmctl(number, 0, None)


def zero(_: str) -> None:
    """Map /dev/zero shared and executable: the kernel calls it deleted from the start."""
    number = os.open("/dev/zero", os.O_RDWR)
    KEPT.append(mmap.mmap(number, 4096, prot=EXECUTABLE | mmap.PROT_WRITE))


def look(path: str) -> None:
    """Map a file that holds no code, to read it."""
    with open(path, "rb") as file:  # noqa: PTH123 -- mmap takes its number
        KEPT.append(mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ, flags=mmap.MAP_PRIVATE))


def load(module: str) -> None:
    """Import a module."""
    __import__(module)


def path(folder: str) -> None:
    """Look for modules in a folder first."""
    sys.path.insert(0, folder)


def child(_: str) -> None:
    """Go on in a child alone; the parent sleeps."""
    if os.fork():
        rest()


def daemon(_: str) -> None:
    """Go on in a child of nobody; the parent sleeps."""
    if os.fork():
        rest()
    os.setsid()
    if os.fork():
        os._exit(0)


def zombie(_: str) -> None:
    """Leave a child that ended and that nobody asks about."""
    if os.fork() == 0:
        os._exit(0)


def root(folder: str) -> None:
    """Change the root."""
    os.chdir(folder)
    os.chroot(folder)


def folder(path: str) -> None:
    """Make a folder the working directory, and delete it."""
    Path(path).mkdir()
    os.chdir(path)
    Path(path).rmdir()


def user(name: str) -> None:
    """Become an unprivileged user."""
    os.setgid(int(name))
    os.setuid(int(name))


def undumpable(_: str) -> None:
    """Refuse to be looked at, as keepers of secrets do."""
    assert ctypes.CDLL(None).prctl(4, 0, 0, 0, 0) == 0


def leaderless(name: str) -> None:
    """End the first thread only; another goes on."""
    threading.Thread(target=rest).start()
    Path("/run/lab", name).touch()
    ctypes.CDLL(None).syscall(SYSTEM_EXIT, 0)


def rest() -> None:
    """Sleep for good."""
    while True:
        time.sleep(3600)


def main(name: str, *words: str) -> None:
    """Do each verb in turn, report, sleep."""
    ready = os.open("/run/lab", os.O_DIRECTORY)
    for verb, argument in zip(words[::2], words[1::2], strict=True):
        globals()[verb](argument)
    os.close(os.open(name, os.O_CREAT | os.O_WRONLY, dir_fd=ready))
    rest()


if __name__ == "__main__":
    main(*sys.argv[1:])
