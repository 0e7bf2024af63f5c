"""Records of the journal as rows of its table, and the digest that ties each to the one before."""

import hashlib
import json

from insvc.execute.run import Record, RecordKind

Row = tuple[object, ...]
"""What the table holds of a record: at, kind, step, attempt, and the body as JSON text."""

_KINDS = {kind.value: kind for kind in RecordKind}
_quote = json.JSONEncoder(ensure_ascii=False).encode


def row_of(record: Record) -> tuple[float, str, str, int, str]:
    """The record as its row."""
    body = json.dumps(record.body, ensure_ascii=False, sort_keys=True)
    return (float(record.at), record.kind.value, record.step, record.attempt, body)


def record_of(row: Row) -> Record:
    """The record that this row holds.

    Raises:
        ValueError: it holds none.
    """
    at, kind, step, attempt, body = row
    if kind not in _KINDS:
        raise ValueError(f"{kind!r} is no kind of record")
    return Record(
        kind=_KINDS[str(kind)],
        at=float(str(at)),
        step=str(step),
        attempt=int(str(attempt)),
        body=json.loads(str(body)),
    )


def digest_of(before: str, number: int, row: Row) -> str:
    """SHA-256 over the JSON list of the digest before it (or ""), its number and its row.

    The list is spelt out: a general encoder takes most of the time that a long run is read in.
    """
    at, kind, step, attempt, body = row
    words = f"{_quote(str(kind))}, {_quote(str(step))}, {attempt}, {_quote(str(body))}"
    return hashlib.sha256(f'["{before}", {number}, {at!r}, {words}]'.encode()).hexdigest()
