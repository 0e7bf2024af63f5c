"""The file in which contents of sources are remembered."""

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from insvc.adapters.remembered import SourceMemory, is_settled, look
from insvc.errors import WorldError
from insvc.inspect.remembered import State


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "serve.py"
    path.write_text("pass\n")
    return path


def state_of(source: Path, seen_at: float = 1e12) -> State:
    found = look(str(source), seen_at=seen_at)
    assert found is not None
    return found


def test_what_is_remembered_is_read_again(tmp_path: Path, source: Path) -> None:
    path = tmp_path / "state/sources.json"
    SourceMemory(path).replace([state_of(source)])
    assert SourceMemory(path).states == (state_of(source),)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["sources.json"]


def test_a_file_put_there_again_is_the_same_code(tmp_path: Path, source: Path) -> None:
    memory = SourceMemory(tmp_path / "sources.json")
    memory.replace([state_of(source)])
    started_at = time.time() + 1
    again = source.with_name("new")
    again.write_text("pass\n")
    again.replace(source)
    assert memory.is_same(str(source), started_at) is True
    source.write_text("other\n")
    assert memory.is_same(str(source), started_at) is False
    source.unlink()
    assert memory.is_same(str(source), started_at) is None
    assert memory.is_same("/nowhere", started_at) is None


def test_a_root_of_its_own_is_looked_into(tmp_path: Path, source: Path) -> None:
    found = look("/serve.py", seen_at=1.0, prefix=str(tmp_path))
    assert found is not None
    assert (found.path, found.digest) == ("/serve.py", state_of(source).digest)


def test_a_known_file_is_not_read_again(source: Path) -> None:
    known = replace(state_of(source), digest="c" * 64)
    again = look(str(source), seen_at=2.0, known=[known])
    assert again is not None
    assert (again.digest, again.seen_at) == ("c" * 64, 2.0)


def test_what_is_no_source_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(bytes((1 << 20) + 1))
    for name in ("pipe", "large", "missing", ""):
        assert look(str(tmp_path / name), seen_at=1.0) is None
    assert look("/x\0y", seen_at=1.0) is None


def test_a_file_that_changed_just_now_may_change_again_unseen(source: Path) -> None:
    state = state_of(source)
    assert not is_settled(state, state.began_at + 0.05)
    assert is_settled(state, state.began_at + 0.2)


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b"[" * 100_000])
def test_a_damaged_memory_is_told_and_does_not_count(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "sources.json"
    path.write_bytes(content)
    memory = SourceMemory(path)
    assert memory.states == ()
    (fault,) = memory.faults
    assert fault.endswith("what it remembers does not count")


def test_a_memory_that_others_may_write_does_not_count(tmp_path: Path, source: Path) -> None:
    path = tmp_path / "sources.json"
    SourceMemory(path).replace([state_of(source)])
    path.chmod(0o620)
    memory = SourceMemory(path)
    assert memory.states == ()
    assert memory.faults == [f"{path} may be written by others: what it remembers does not count"]


def test_a_link_or_a_pipe_is_no_memory(tmp_path: Path, source: Path) -> None:
    SourceMemory(tmp_path / "real").replace([state_of(source)])
    (tmp_path / "link").symlink_to(tmp_path / "real")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe"):
        memory = SourceMemory(tmp_path / name)
        assert memory.states == ()
        assert len(memory.faults) == 1


def test_no_memory_is_no_fault(tmp_path: Path) -> None:
    memory = SourceMemory(tmp_path / "sources.json")
    assert (memory.states, memory.faults) == ((), [])


def test_a_memory_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "sources.json").mkdir()
    with pytest.raises(WorldError, match="cannot be written"):
        SourceMemory(tmp_path / "sources.json").replace([])
    assert [one.name for one in tmp_path.iterdir()] == ["sources.json"]
    (tmp_path / "file").touch()
    with pytest.raises(WorldError, match="cannot be written"):
        SourceMemory(tmp_path / "file/sources.json").replace([])
