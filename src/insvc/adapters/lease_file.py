"""The lease as a lock on a file, with an epoch that is kept beside it and only grows."""

import fcntl
import json
import os
import time
from pathlib import Path
from typing import Any

from insvc.errors import CorruptStore, WorldError
from insvc.ports import Holder

_PATIENCE_S = 0.3
_PAUSE_S = 0.02


class FileLease:
    """Port `Lease` by `flock`: the kernel gives it back when its holder dies.

    The epoch is in `NAME.epoch` beside the lock file, replaced as a whole, so that a crash leaves
    the old number or the new one.

    Args:
        path: the lock file; it and its folder are made when the lease is first taken.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._epoch_path = path.with_suffix(".epoch")
        self._lock: int | None = None

    def acquire(self) -> int:
        """Become the single writer; the epoch returned is higher than any before it.

        Raises:
            WorldError: another live process holds it, or the disk refused.
            CorruptStore: the kept epoch cannot be read.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            lock = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as fault:
            raise self._refused(fault) from fault
        try:
            if not _try_lock(lock, fcntl.LOCK_EX, _PATIENCE_S):
                raise self._held(_read_holder(lock))
            epoch = self._kept_epoch() + 1
            self._keep_epoch(epoch)
            _write_holder(lock, epoch)
        except OSError as fault:
            os.close(lock)
            raise self._refused(fault) from fault
        except (WorldError, CorruptStore):
            os.close(lock)
            raise
        self._lock = lock
        return epoch

    def release(self) -> None:
        """Give it up; nothing happens where it is not held."""
        if self._lock is not None:
            os.ftruncate(self._lock, 0)
            os.close(self._lock)
            self._lock = None

    def holder(self) -> Holder | None:
        """Who holds it now, or nothing where nobody does."""
        try:
            lock = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            if _try_lock(lock, fcntl.LOCK_SH, 0.0):
                return None
            return _read_holder(lock) or Holder(pid=0, epoch=0, since=0.0)
        finally:
            os.close(lock)

    def _kept_epoch(self) -> int:
        try:
            text = self._epoch_path.read_text(encoding="ascii")
        except FileNotFoundError:
            return 0
        except ValueError:
            text = "bytes that are no text"
        if not text.strip().isdecimal():
            raise CorruptStore(
                str(self._epoch_path),
                f"found {text[:40]!r}, expected the last epoch as a number",
                next_act="write a number into it that is higher than any epoch in the journal",
            )
        return int(text)

    def _keep_epoch(self, epoch: int) -> None:
        draft = self._epoch_path.with_name(f".{self._epoch_path.name}.new")
        with draft.open("w", encoding="ascii") as stream:
            stream.write(f"{epoch}\n")
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(self._epoch_path)
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _held(self, holder: Holder | None) -> WorldError:
        who = "another controller"
        if holder is not None:
            since = time.strftime("%H:%M:%SZ", time.gmtime(holder.since))
            who = f"process {holder.pid} (epoch {holder.epoch}, since {since})"
        return WorldError(
            f"the lease {self._path}",
            f"is held by {who}, and one controller at a time may act",
            next_act="wait for it to end, or stop that process",
        )

    def _refused(self, fault: OSError) -> WorldError:
        return WorldError(
            f"the lease {self._path}",
            f"cannot be taken: {fault.strerror}",
            next_act="check the folder and its owner",
        )


def _try_lock(lock: int, how: int, patience_s: float) -> bool:
    """Lock without waiting longer than that; a mere look at the lease passes in the meantime."""
    deadline = time.monotonic() + patience_s
    while True:
        try:
            fcntl.flock(lock, how | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_PAUSE_S)
        else:
            return True


def _write_holder(lock: int, epoch: int) -> None:
    text = json.dumps({"pid": os.getpid(), "epoch": epoch, "since": time.time()})
    os.ftruncate(lock, 0)
    os.pwrite(lock, text.encode(), 0)


def _read_holder(lock: int) -> Holder | None:
    """What the holder wrote of itself; nothing in the moment before it has."""
    try:
        told: dict[str, Any] = json.loads(os.pread(lock, 4096, 0))
        return Holder(pid=int(told["pid"]), epoch=int(told["epoch"]), since=float(told["since"]))
    except (ValueError, KeyError, TypeError):
        return None
