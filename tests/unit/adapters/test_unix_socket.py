"""Sockets below long paths, stale files and live listeners."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from insvc.adapters import unix_socket
from insvc.errors import WorldError


@pytest.fixture
def deep_path(tmp_path: Path) -> Path:
    """A socket path far longer than the kernel's 107 bytes."""
    folder = tmp_path / ("deep" * 30) / ("er" * 40)
    folder.mkdir(parents=True)
    return folder / "agent.sock"


def test_a_path_longer_than_the_kernel_allows_is_bound_and_reached(deep_path: Path) -> None:
    assert len(str(deep_path)) > 107
    with unix_socket.listen(deep_path) as server, unix_socket.connect(deep_path, 1.0) as client:
        accepted, _ = server.accept()
        with accepted:
            client.sendall(b"ping\n")
            assert accepted.recv(16) == b"ping\n"


def test_only_the_owner_may_use_the_socket(tmp_path: Path) -> None:
    with unix_socket.listen(tmp_path / "s"):
        assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o600


def test_the_socket_of_a_listener_that_is_gone_is_replaced(tmp_path: Path) -> None:
    unix_socket.listen(tmp_path / "s").close()
    assert (tmp_path / "s").is_socket()
    with unix_socket.listen(tmp_path / "s") as server:
        unix_socket.connect(tmp_path / "s", 1.0).close()
        server.accept()[0].close()


def test_a_listener_that_answers_is_never_replaced(tmp_path: Path) -> None:
    with unix_socket.listen(tmp_path / "s"):
        with pytest.raises(WorldError) as refusal:
            unix_socket.listen(tmp_path / "s")
        assert "another process listens" in refusal.value.reason


def test_a_listener_with_a_full_queue_still_counts_as_answering(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unix_socket, "BACKLOG", 0)
    monkeypatch.setattr(unix_socket, "_STALE_CHECK_S", 0.01)
    with (
        unix_socket.listen(tmp_path / "s"),
        unix_socket.connect(tmp_path / "s", 1.0),
        pytest.raises(WorldError),
    ):
        unix_socket.listen(tmp_path / "s")


def test_a_file_that_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("precious")
    with pytest.raises(WorldError):
        unix_socket.listen(tmp_path / "s")
    assert (tmp_path / "s").read_text() == "precious"


def test_nobody_listening_is_an_error_that_names_the_socket(tmp_path: Path) -> None:
    with pytest.raises(WorldError) as refusal:
        unix_socket.connect(tmp_path / "nobody", 0.1)
    assert refusal.value.subject == str(tmp_path / "nobody")


@pytest.mark.parametrize("act", [unix_socket.listen, lambda path: unix_socket.connect(path, 0.1)])
def test_a_missing_folder_is_an_error_that_says_so(
    tmp_path: Path, act: Callable[[Path], object]
) -> None:
    with pytest.raises(WorldError) as refusal:
        act(tmp_path / "missing" / "s")
    assert "its folder cannot be opened" in refusal.value.reason
