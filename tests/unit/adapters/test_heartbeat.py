"""A heartbeat as a datagram, and the key that seals it."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from insvc.adapters.heartbeat import (
    KEY_BYTES,
    Beat,
    make_key,
    next_life,
    read_key,
    seal,
    unseal,
)
from insvc.errors import WorldError
from insvc.model.words import Role
from insvc.supervise.swact import NodeState

KEY = b"k" * KEY_BYTES
BEAT = Beat(life=5, sequence=2, state=NodeState(host="c0", role=Role.ACTIVE, held=("a", "b")))


def test_a_sealed_heartbeat_is_read_as_it_was() -> None:
    assert unseal(seal(BEAT, KEY), KEY) == BEAT


def test_without_the_key_none_is_made_or_changed() -> None:
    datagram = seal(BEAT, KEY)
    assert unseal(datagram, b"other" * 20) is None
    for place in range(len(datagram)):
        changed = bytearray(datagram)
        changed[place] ^= 1
        assert unseal(bytes(changed), KEY) is None


@pytest.mark.parametrize("length", [0, 1, 63, 64, 65])
def test_what_is_too_short_says_nothing(length: int) -> None:
    assert unseal(seal(BEAT, KEY)[:length], KEY) is None


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"life": 1}'])
def test_sealed_nonsense_says_nothing(body: bytes) -> None:
    import hmac

    assert unseal(body + hmac.digest(KEY, body, "sha512"), KEY) is None


def test_only_a_later_one_is_new() -> None:
    assert BEAT.is_after(None)
    assert not BEAT.is_after(BEAT)
    assert replace(BEAT, sequence=3).is_after(BEAT)
    assert replace(BEAT, life=6, sequence=1).is_after(BEAT)
    assert not replace(BEAT, life=4, sequence=9).is_after(BEAT)


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "lease" / "key"
    make_key(path)
    key = read_key(path)
    assert len(key) == KEY_BYTES
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    make_key(path)
    assert read_key(path) == key


def test_an_unfit_key_is_refused_with_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "key"
    with pytest.raises(WorldError, match="cannot be read"):
        read_key(path)
    path.write_bytes(b"short")
    path.chmod(0o600)
    with pytest.raises(WorldError, match="holds 5 bytes"):
        read_key(path)
    path.write_bytes(KEY)
    path.chmod(0o640)
    with pytest.raises(WorldError, match="0640, expected 0600"):
        read_key(path)


def test_every_life_has_a_higher_number_whatever_the_clock_says(tmp_path: Path) -> None:
    path = tmp_path / "life"
    first = next_life(path)
    assert next_life(path) > first
    path.write_text(f"{2**70}\n")
    assert next_life(path) == 2**70 + 1
    path.write_text("no number")
    assert next_life(path) > first
