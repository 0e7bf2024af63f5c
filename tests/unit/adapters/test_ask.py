"""One question over a socket, and every way in which no answer comes back."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from insvc.adapters.ask import ask, refusal
from insvc.adapters.unix_socket import listen
from insvc.errors import AgentUnreachable, StaleEpoch, UnknownName, WorldError
from tests.fakes.threads import begin, beside, end


@contextmanager
def answering(path: Path, answer: bytes) -> Iterator[list[bytes]]:
    """Answer one question with these bytes, and keep the question."""
    asked: list[bytes] = []
    with listen(path) as listener:

        def serve() -> None:
            client, _ = listener.accept()
            with client:
                asked.append(client.recv(4096))
                client.sendall(answer)

        with beside(serve):
            yield asked


def test_the_answer_is_what_was_answered(tmp_path: Path) -> None:
    with answering(tmp_path / "s", b'{"ok": true, "answer": [1]}\n') as asked:
        assert ask(tmp_path / "s", {"ask": "x", "a": 1}, 5.0) == [1]
    assert asked == [b'{"ask": "x", "a": 1}\n']


def test_a_refusal_survives_the_wire(tmp_path: Path) -> None:
    said = refusal(StaleEpoch("epoch 3", "found 5", next_act="stop"))
    assert said["code"] == "lease.stale-epoch"
    line = b'{"ok": false, "code": "input.unknown-name", "subject": "x", "reason": "r"}\n'
    with answering(tmp_path / "s", line), pytest.raises(UnknownName) as unknown:
        ask(tmp_path / "s", {"ask": "x"}, 5.0)
    assert (str(unknown.value), unknown.value.next_act) == ("x: r", "read the logs of the host")


@pytest.mark.parametrize("answer", [b"", b'{"ok": tr'])
def test_a_broken_answer_leaves_what_was_done_unknown(tmp_path: Path, answer: bytes) -> None:
    with answering(tmp_path / "s", answer), pytest.raises(AgentUnreachable):
        ask(tmp_path / "s", {"ask": "x"}, 5.0)


def test_a_refusal_without_words_is_one(tmp_path: Path) -> None:
    with (
        answering(tmp_path / "s", b'{"ok": false}\n'),
        pytest.raises(WorldError, match="refused without a reason"),
    ):
        ask(tmp_path / "s", {"ask": "x"}, 5.0)


def test_no_answer_in_time_says_what_was_asked(tmp_path: Path) -> None:
    with listen(tmp_path / "s"), pytest.raises(AgentUnreachable) as refused:
        ask(tmp_path / "s", {"ask": "x"}, 0.01)
    assert "no answer to `x` within 0.01 s" in refused.value.reason


def test_nobody_listening_is_an_error_at_once_or_after_some_patience(tmp_path: Path) -> None:
    with pytest.raises(WorldError):
        ask(tmp_path / "s", {"ask": "x"}, 5.0)
    with pytest.raises(WorldError):
        ask(tmp_path / "s", {"ask": "x"}, 5.0, patience_s=0.05)


def test_patience_waits_for_who_comes_back(tmp_path: Path) -> None:
    answers: list[object] = []
    asking = begin(lambda: answers.append(ask(tmp_path / "s", {"ask": "x"}, 5.0, patience_s=20.0)))
    with answering(tmp_path / "s", b'{"ok": true}\n'):
        end(asking)
    assert answers == [None]
