"""The lease of two controllers in a folder: numbered records, each made once and for all.

A record is written aside and linked to the next number. The kernel lets one of two writers do that,
so nobody holds a lock while he does it, and one who is stopped in the middle stops nobody else.
"""

import json
import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from insvc.adapters.pidfd import boot_id
from insvc.errors import CorruptStore, WorldError
from insvc.supervise.pair import Tenure

FORMAT = "insvc-lease/1"
FOLDER = "lease/controller-services"
"""Below the cloud's directory."""
_KEPT = "kept"
"""The last record but the renewals: it is on the disk whatever the power does."""
_NUMBER = re.compile(r"\d{12}")
_LOOKS = 50
_NO_RECORD = (ValueError, KeyError, TypeError)


def boottime() -> float:
    """Seconds since boot, suspended time counted: the clock of the lease."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class FolderLease:
    """Port `RoleLease` in a folder that all its hosts share, and that must exist.

    Args:
        folder: the store; see `FOLDER`.
        host: who takes it here.
        ttl_s: how long it is held that is not renewed.
        clock: seconds since boot.
        boot: the boot that the clock counts from; what an earlier one wrote is free.
    """

    def __init__(
        self,
        folder: Path,
        host: str,
        ttl_s: float,
        clock: Callable[[], float] = boottime,
        boot: str | None = None,
    ) -> None:
        self._folder = folder
        self._host = host
        self._ttl_s = ttl_s
        self._clock = clock
        self._boot = boot or boot_id()

    def look(self) -> Tenure | None:
        """The lease as it is now; nothing where it was never taken.

        Raises:
            WorldError: the folder is not there, or cannot be read.
            CorruptStore: its newest record cannot be.
        """
        for _ in range(_LOOKS):
            newest = max(self._numbers(), default=None)
            if newest is None:
                return None
            with suppress(FileNotFoundError):  # two changes came between the list and the look
                return self._read(newest)
        raise self._refused("changes faster than it can be read")

    def take(self, known: Tenure | None) -> Tenure | None:
        """Hold it under the next epoch, if it is still as known; nothing where it is not."""
        number, epoch = (0, 0) if known is None else (known.number, known.epoch)
        return self._append(self._held(number + 1, epoch + 1), is_kept=True)

    def renew(self, known: Tenure) -> Tenure | None:
        """Hold the own lease on from now, if it is still as known; nothing where it is not."""
        return self._append(self._held(known.number + 1, known.epoch), is_kept=False)

    def release(self, known: Tenure, offered_to: str | None) -> Tenure | None:
        """Give the own lease up, to that host first; nothing where it is no longer as known."""
        fresh = self._held(known.number + 1, known.epoch)
        return self._append(replace(fresh, is_released=True, offered_to=offered_to), is_kept=True)

    def _held(self, number: int, epoch: int) -> Tenure:
        return Tenure(
            number=number,
            holder=self._host,
            epoch=epoch,
            renewed_at=self._clock(),
            ttl_s=self._ttl_s,
        )

    def _append(self, tenure: Tenure, *, is_kept: bool) -> Tenure | None:
        """Make the record; nothing where another has that number, or a later one.

        Args:
            tenure: what it says.
            is_kept: it survives a power cut; a renewal need not, for a boot frees the lease.
        """
        draft = self._folder / f".{self._host}.{os.getpid()}.new"
        try:
            _write(draft, json.dumps(self._record(tenure)), is_kept=is_kept)
            if is_kept:
                self._keep(draft)
            try:
                self._path(tenure.number).hardlink_to(draft)
            except FileExistsError:
                return None
            finally:
                draft.unlink(missing_ok=True)
            return self._if_newest(tenure)
        except OSError as fault:
            raise self._refused(f"cannot be written: {fault.strerror}") from fault

    def _keep(self, draft: Path) -> None:
        """Have it beside the records, so that a power cut leaves one that can be read."""
        link = draft.with_suffix(".kept")
        link.unlink(missing_ok=True)
        link.hardlink_to(draft)
        link.replace(self._folder / _KEPT)
        link.unlink(missing_ok=True)  # of two names of one file, a rename leaves both

    def _if_newest(self, tenure: Tenure) -> Tenure | None:
        """The record, once it is known that nothing later was there; older ones are deleted.

        One who was stopped for long may have made a number anew that others had left behind.
        """
        numbers = self._numbers()
        if max(numbers, default=0) != tenure.number:
            self._path(tenure.number).unlink(missing_ok=True)
            return None
        for number in numbers:
            if number < tenure.number - 1:
                self._path(number).unlink(missing_ok=True)
        return tenure

    def _numbers(self) -> list[int]:
        try:
            return [int(name) for name in os.listdir(self._folder) if _NUMBER.fullmatch(name)]  # noqa: PTH208 - names alone
        except OSError as fault:
            raise self._refused(f"cannot be read: {fault.strerror}") from fault

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:012}"

    def _record(self, tenure: Tenure) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "holder": tenure.holder,
            "epoch": tenure.epoch,
            "renewed_at": tenure.renewed_at,
            "ttl_s": tenure.ttl_s,
            "is_released": tenure.is_released,
            "offered_to": tenure.offered_to,
            "boot_id": self._boot,
        }

    def _read(self, number: int) -> Tenure:
        path = self._path(number)
        try:
            tenure, boot = _parsed(number, path.read_bytes())
        except FileNotFoundError:
            raise
        except OSError as fault:
            raise self._refused(f"cannot be read: {fault.strerror}") from fault
        except _NO_RECORD as fault:
            earlier = self._of_earlier_boot(number)
            if earlier is not None:
                return earlier
            raise CorruptStore(
                str(path),
                f"is no record of a lease: {fault!r}",
                next_act="stop both controllers' services, then delete it",
            ) from fault
        return tenure if boot == self._boot else _freed(tenure)

    def _of_earlier_boot(self, number: int) -> Tenure | None:
        """What the kept record tells, where nobody has taken the lease since the machine started.

        Then a record that cannot be read is a renewal that a power cut has emptied, and nobody
        holds by it any more.
        """
        try:
            kept, boot = _parsed(number, (self._folder / _KEPT).read_bytes())
        except (OSError, *_NO_RECORD):
            return None
        return None if boot == self._boot else _freed(kept)

    def _refused(self, reason: str) -> WorldError:
        return WorldError(
            f"the lease {self._folder}", reason, next_act="check the folder and its owner"
        )


def _parsed(number: int, content: bytes) -> tuple[Tenure, object]:
    """The record, and the boot in which it was written."""
    told = json.loads(content)
    tenure = Tenure(
        number=number,
        holder=str(told["holder"]),
        epoch=int(told["epoch"]),
        renewed_at=float(told["renewed_at"]),
        ttl_s=float(told["ttl_s"]),
        is_released=bool(told["is_released"]),
        offered_to=told["offered_to"],
    )
    return tenure, told.get("boot_id")


def _freed(tenure: Tenure) -> Tenure:
    return replace(tenure, is_released=True, offered_to=None, renewed_at=0.0)


def _write(path: Path, text: str, *, is_kept: bool) -> None:
    with path.open("w", encoding="utf-8") as stream:
        stream.write(text)
        if is_kept:
            stream.flush()
            os.fsync(stream.fileno())
