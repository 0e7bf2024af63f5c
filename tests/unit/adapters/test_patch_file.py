"""`insvc.adapters.patch_file`: what was installed is on disk, or the file is refused whole."""

from pathlib import Path

import pytest

from insvc.adapters.patch_file import add_patch, read_patches
from insvc.errors import CorruptStore
from insvc.model.act import PackageChange
from insvc.patch.installed import InstalledPatch

CHANGE = PackageChange(package="a", from_version="1", to_version="2", path="/a.deb")


def test_what_was_added_is_read_again_in_its_order(tmp_path: Path) -> None:
    path = tmp_path / "controller" / "patches.json"
    assert read_patches(path) == ()
    one, two = (InstalledPatch(at=at, changes={"h": (CHANGE,)}) for at in (1.0, 2.0))
    add_patch(path, one)
    add_patch(path, two)
    assert read_patches(path) == (one, two)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "no JSON"),
        ("[]", "does not say"),
        ('{"format": "insvc-plan/1"}', "does not say"),
        ('{"format": "insvc-patches/1"}', "patches.json"),
        ('{"format": "insvc-patches/1", "patches": [{"at": 1.0}]}', "every key"),
    ],
)
def test_another_file_is_refused_and_left_alone(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "patches.json"
    path.write_text(text)
    with pytest.raises(CorruptStore, match=said):
        add_patch(path, InstalledPatch(at=1.0, changes={}))
    assert path.read_text() == text
