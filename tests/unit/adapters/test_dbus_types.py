"""Signatures are taken apart, or refused."""

import pytest

from insvc.adapters.dbus_types import single, types
from insvc.errors import WorldError


def test_a_signature_is_its_complete_types() -> None:
    assert types("sa{sv}(ia(sb))aay") == ("s", "a{sv}", "(ia(sb))", "aay")
    assert types("") == ()


@pytest.mark.parametrize("signature", ["z", "a", "(", "(s", "()", "{sv}x)", "a{vs}", "(s}", "a{s}"])
def test_what_is_no_signature_is_refused(signature: str) -> None:
    with pytest.raises(WorldError, match="D-Bus message"):
        types(signature)


@pytest.mark.parametrize("kinds", [(), ("s", "s")])
def test_a_variant_has_one_type(kinds: tuple[str, ...]) -> None:
    assert single(("s",)) == "s"
    with pytest.raises(WorldError, match="not one type"):
        single(kinds)
