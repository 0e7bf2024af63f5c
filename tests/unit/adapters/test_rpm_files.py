"""What rpm says of package files, with a program in its place; rpm itself is asked in the lab."""

from pathlib import Path

import pytest

from insvc.adapters import rpm
from insvc.adapters.rpm_files import is_rpm, kept, name_and_version
from insvc.errors import InputError

ANSWERS = r"""#!/bin/sh
case "$*" in
    *-qp*DIGESTS*) printf 'aa\t/a\ncc\t/b\n\t/folder\n';;
    *-qp*good) printf 'mine\t2:1-1\t0\n';;
    *-qp*) exit 1;;
    *) printf 'aa\t/a\nbb\t/b\n\t/folder\ndd\t/gone\n';;
esac
"""


@pytest.fixture
def answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder, and a program that answers for rpm."""
    program = tmp_path / "rpm"
    program.write_text(ANSWERS, "utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(rpm, "_PROGRAM", (str(program),))
    return tmp_path


def test_a_package_of_rpm_is_known_by_its_first_bytes(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"\xed\xab\xee\xdb\x03")
    (tmp_path / "other.rpm").write_bytes(b"!<arch>")
    assert is_rpm(tmp_path / "one")
    assert not is_rpm(tmp_path / "other.rpm")
    assert not is_rpm(tmp_path / "gone")


def test_name_and_version_are_what_rpm_says(answers: Path) -> None:
    assert name_and_version(answers / "good") == ("mine", "2:1-1")
    with pytest.raises(InputError, match="is no package that rpm can read"):
        name_and_version(answers / "torn")


@pytest.mark.usefixtures("answers")
def test_files_of_equal_digest_are_kept(tmp_path: Path) -> None:
    assert kept("mine", str(tmp_path / "x.rpm")) == {"/a"}
