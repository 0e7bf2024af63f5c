"""supervisord's configuration on disk."""

from pathlib import Path

import pytest

from insvc.adapters.supervisord_conf import has_configuration, read_configuration
from insvc.errors import WorldError
from insvc.inspect.supervisord import Access

SERVER = "[unix_http_server]\nfile=/run/s\n"


def write(root: Path, path: str, text: str, mode: int = 0o644) -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return file


@pytest.mark.parametrize("path", ["etc/supervisord.conf", "etc/supervisor/supervisord.conf"])
def test_it_is_found_where_packages_put_it(tmp_path: Path, path: str) -> None:
    assert not has_configuration(tmp_path)
    write(tmp_path, path, SERVER)
    assert has_configuration(tmp_path)
    assert read_configuration(tmp_path) == Access(socket="/run/s")


def test_files_that_it_includes_are_read_with_it(tmp_path: Path) -> None:
    write(tmp_path, "etc/supervisor/supervisord.conf", "[include]\nfiles=conf.d/*.conf\n")
    write(tmp_path, "etc/supervisor/conf.d/a.conf", SERVER)
    write(tmp_path, "etc/supervisor/conf.d/b.other", "no configuration\n")
    assert read_configuration(tmp_path) == Access(socket="/run/s")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[supervisord]\n", "found no \\[unix_http_server\\] and no \\[inet_http_server\\]"),
        ("nonsense", "is no configuration of supervisord"),
    ],
)
def test_what_serves_nobody_or_cannot_be_read_is_told(
    tmp_path: Path, text: str, words: str
) -> None:
    write(tmp_path, "etc/supervisord.conf", text)
    with pytest.raises(WorldError, match=words):
        read_configuration(tmp_path)


def test_a_file_that_anybody_may_write_is_not_trusted(tmp_path: Path) -> None:
    write(tmp_path, "etc/supervisord.conf", SERVER, 0o666)
    with pytest.raises(WorldError, match="may be written by others than its owner and root"):
        read_configuration(tmp_path)


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match="is not there"):
        read_configuration(tmp_path)


def test_a_file_too_large_is_told(tmp_path: Path) -> None:
    write(tmp_path, "etc/supervisord.conf", "#" * (1 << 20) + "x")
    with pytest.raises(WorldError, match="cannot be read: is larger than"):
        read_configuration(tmp_path)
