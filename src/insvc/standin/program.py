"""What every stand-in does alike: run its own code, say who it is, and end when told to.

The version that a stand-in reports is computed by the machine code it has mapped, so what it says
and what it runs cannot differ.
"""

import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Callable

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
READY_PAUSE_S = 0.02


def version_of(number: int) -> str:
    """The package version that a code number stands for: 1000002 is 1.0-2."""
    return f"{number // 1_000_000}.{number // 1000 % 1000}-{number % 1000}"


def run_code(root: str, library: str) -> int:
    """Map the library, execute its code, and keep it mapped.

    Args:
        root: the host's file system.
        library: the shared object below it.

    Returns:
        The code number, see `version_of`.
    """
    code: int = ctypes.CDLL(os.path.join(root, library)).code_version()
    return code


class Program:
    """One running stand-in and where it runs.

    Attributes:
        name: what its manager calls it.
        package: what delivers it.
        version: of the code that it runs.
        host, address, oam, root: of the host it runs on.
        port: where it listens; 0 where it does not.
    """

    def __init__(self, name: str, package: str, library: str) -> None:
        self.name = name
        self.package = package
        self.host = os.environ["INSVC_HOST"]
        self.address = os.environ["INSVC_ADDRESS"]
        self.oam = os.environ.get("INSVC_OAM_ADDRESS", "")
        self.root = os.environ["INSVC_ROOT"]
        self.port = int(os.environ.get("INSVC_PORT", "0"))
        self.version = version_of(run_code(self.root, library))

    def about(self) -> dict[str, object]:
        """What it answers to `/version`."""
        return {
            "service": self.name,
            "package": self.package,
            "version": self.version,
            "host": self.host,
            "pid": os.getpid(),
            "stand-in": True,
        }

    def path(self, *parts: str) -> str:
        """A path below the host's root."""
        return os.path.join(self.root, *parts)

    def said(self, line: str) -> None:
        """Write one line into its log."""
        stamp = time.strftime("%H:%M:%S", time.gmtime())
        sys.stdout.write(f"{stamp} {self.name} {self.version}: {line}\n")
        sys.stdout.flush()


def hold_signals() -> None:
    """Keep stop signals pending until `wait_for_stop` looks at them; threads inherit this."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)


def wait_for_stop(seconds: float) -> bool:
    """Wait for a stop signal at most that long; whether one came."""
    got = signal.sigtimedwait(STOP_SIGNALS, seconds)
    # Python 3.11 may tell who was frozen and goes on of a signal that there was not.
    return got is not None and got.si_signo in STOP_SIGNALS


def wait_until_stopped() -> None:
    """Return when a stop signal came."""
    signal.sigwait(STOP_SIGNALS)


def become_ready(seconds: float, is_ready: Callable[[], bool]) -> bool:
    """Warm up, then wait until the condition holds.

    Returns:
        False when it was told to stop first.
    """
    if wait_for_stop(seconds):
        return False
    while not is_ready():
        if wait_for_stop(READY_PAUSE_S):
            return False
    return True


def in_background(work: Callable[[], None]) -> None:
    """Let a thread do what never ends; when it fails, the process ends, for its manager to see.

    Stop signals are held from here on: one that such a thread took would end the process at once.
    """

    def guarded() -> None:
        try:
            work()
        finally:
            sys.excepthook(*sys.exc_info())
            end_now(1)

    hold_signals()
    threading.Thread(target=guarded, daemon=True).start()


def write_whole(path: str, text: str) -> None:
    """Replace a file's text at once; its folder is made where it lacks."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    draft = f"{path}.{os.getpid()}"
    with open(draft, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(draft, path)


def read_text(path: str) -> str:
    """A file's text; empty where there is no such file."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def write_pidfile() -> None:
    """Write the own pid where the manager expects it."""
    write_whole(os.environ["INSVC_PIDFILE"], f"{os.getpid()}\n")


def end_now(status: int = 0) -> None:
    """End at once: open connections break, threads are not waited for."""
    sys.stdout.flush()
    os._exit(status)
