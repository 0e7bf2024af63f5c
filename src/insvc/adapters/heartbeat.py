"""The heartbeat of a controller as a datagram: what it says of itself, sealed with a shared key."""

import hashlib
import hmac
import json
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from insvc.adapters.wire import from_json, to_json
from insvc.errors import InsvcError, WorldError
from insvc.supervise.swact import NodeState

KEY_BYTES = 64
KEY_FILE = "lease/heartbeat.key"
"""Below the cloud's directory; of its owner alone."""
_HEAD = b"insvc-beat/1\n"
_SEAL_BYTES = hashlib.sha512().digest_size


@dataclass(frozen=True, kw_only=True, slots=True)
class Beat:
    """One heartbeat.

    Attributes:
        life: of the sender; a later life has a higher number, whatever its clock says.
        sequence: of the heartbeat in that life.
        state: how the sender stands.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    life: int
    sequence: int
    state: NodeState

    def is_after(self, known: "Beat | None") -> bool:
        """Whether it is newer than that one; what is not was delayed, or is played back."""
        return known is None or (self.life, self.sequence) > (known.life, known.sequence)


def seal(beat: Beat, key: bytes) -> bytes:
    """The datagram."""
    body = _HEAD + json.dumps(to_json(beat), separators=(",", ":")).encode()
    return body + hmac.digest(key, body, "sha512")


def unseal(datagram: bytes, key: bytes) -> Beat | None:
    """What it says; nothing where somebody without the key has made or changed it."""
    body, told = datagram[:-_SEAL_BYTES], datagram[-_SEAL_BYTES:]
    if not hmac.compare_digest(hmac.digest(key, body, "sha512"), told):
        return None
    try:
        return from_json(Beat, json.loads(body.removeprefix(_HEAD)))
    except (ValueError, InsvcError):
        return None


def make_key(path: Path) -> None:
    """Make a key that only its owner may read; one that is there is left alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return
    with os.fdopen(made, "wb") as stream:
        stream.write(secrets.token_bytes(KEY_BYTES))


def read_key(path: Path) -> bytes:
    """The key.

    Raises:
        WorldError: it is not there, too short, or others may read or change it.
    """
    try:
        mode = path.stat().st_mode
        key = path.read_bytes()
    except OSError as fault:
        raise _unfit(path, f"cannot be read: {fault.strerror}") from fault
    if mode & 0o077:
        raise _unfit(path, f"has mode {mode & 0o777:04o}, expected 0600")
    if len(key) < KEY_BYTES:
        raise _unfit(path, f"holds {len(key)} bytes, expected {KEY_BYTES} or more")
    return key


def next_life(path: Path) -> int:
    """A number higher than that of any life before: the time, or one more than what is kept."""
    try:
        last = int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        last = 0
    life = max(last + 1, time.time_ns())
    draft = path.with_name(f"{path.name}.new")
    draft.write_text(f"{life}\n", encoding="ascii")
    draft.replace(path)
    return life


def _unfit(path: Path, reason: str) -> WorldError:
    return WorldError(
        f"the key {path}", reason, next_act="delete it, so that the cloud's next start makes one"
    )
