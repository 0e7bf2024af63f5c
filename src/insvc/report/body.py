"""A record's body, read key by key."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar, cast

from insvc.errors import CorruptStore
from insvc.execute.run import Record
from insvc.report.decode import decode

T = TypeVar("T")
W = TypeVar("W", bound=str)


@dataclass(frozen=True, slots=True)
class Body:
    """What one record of a run says besides its kind and time."""

    run: str
    record: Record

    def get(self, key: str, kind: type[T]) -> T:
        """The value of that key.

        Raises:
            CorruptStore: it is missing or of another kind.
        """
        if key not in self.record.body:
            raise self._corrupt(f"{key} is missing")
        try:
            return cast("T", decode(kind, self.record.body[key], key))
        except ValueError as fault:
            raise self._corrupt(str(fault)) from fault

    def find(self, key: str, kind: type[T]) -> T | None:
        """The value of that key, or nothing where it is missing or null.

        Raises:
            CorruptStore: it is of another kind.
        """
        return None if self.record.body.get(key) is None else self.get(key, kind)

    def word(self, key: str, words: Sequence[W]) -> W:
        """The value of that key, one of these words.

        Raises:
            CorruptStore: it is missing or none of them.
        """
        found = self.get(key, str)
        for one in words:
            if one == found:
                return one
        raise self._corrupt(f"{key} is {found!r}, expected one of {', '.join(words)}")

    def _corrupt(self, reason: str) -> CorruptStore:
        about = f" of step {self.record.step}" if self.record.step else ""
        return CorruptStore(
            f"run {self.run}",
            f"its record {self.record.kind}{about} cannot be read: {reason}",
            next_act="keep the journal as it is and find out what else wrote to it",
        )
