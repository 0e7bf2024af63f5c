import json
from pathlib import Path

from insvc.cloud.files import json_text, write_whole


def test_a_file_is_replaced_whole_and_leaves_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "below" / "file"
    write_whole(path, "one")
    write_whole(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(path.parent.iterdir()) == [path]


def test_a_secret_is_nobody_else_s_from_its_first_moment(tmp_path: Path) -> None:
    path = tmp_path / "token"
    write_whole(path, "s", mode=0o600)
    assert path.stat().st_mode & 0o777 == 0o600


def test_json_text_reads_back() -> None:
    assert json.loads(json_text({"a": [1, None]})) == {"a": [1, None]}
    assert json_text(1).endswith("\n")
