"""Where a command stands."""

from pathlib import Path

import pytest

from insvc.compat.place import Place, place
from insvc.errors import InputError


def test_the_environment_says_where_a_command_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSVC_CLOUD", "/c")
    monkeypatch.setenv("INSVC_HOST", "compute-0")
    found = place()
    assert found == Place(cloud=Path("/c"), host="compute-0")
    assert found.flags == Path("/c/hosts/compute-0/run/patching/patch-flags")
    assert found.scripts == Path("/c/hosts/compute-0/run/patching/patch-scripts")
    assert found.log == Path("/c/hosts/compute-0/log/patching.log")


def test_a_command_that_does_not_know_where_it_stands_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("INSVC_CLOUD", raising=False)
    with pytest.raises(InputError, match="on which host this command stands"):
        place()
