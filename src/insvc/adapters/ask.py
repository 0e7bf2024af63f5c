"""One question and its answer over a host's Unix socket, each a line of JSON."""

import json
import socket
import time
from pathlib import Path
from typing import Any

from insvc.adapters.unix_socket import connect
from insvc.errors import AgentUnreachable, InsvcError, UnknownName, WorldError

CONNECT_S = 2.0
_RETRY_S = 0.02
_NEXT = "read the logs of the host"


def ask(path: Path, question: dict[str, Any], timeout_s: float, *, patience_s: float = 0.0) -> Any:  # noqa: ANN401 - JSON
    """The answer to the question.

    Args:
        path: the socket.
        question: `ask` and its arguments.
        timeout_s: how long to wait for the answer.
        patience_s: how long to try to connect while nobody listens.

    Raises:
        UnknownName: what was asked about is not known there.
        AgentUnreachable: it was asked and gave no answer; what it did is unknown.
        WorldError: nobody listens, so nothing was asked; or the answer is a refusal.
    """
    with _connect(path, time.monotonic() + patience_s) as client:
        client.settimeout(timeout_s)
        try:
            client.sendall(json.dumps(question).encode() + b"\n")
            line = _line(client)
        except OSError as fault:
            reason = f"no answer to `{question['ask']}` within {timeout_s:g} s: {fault}"
            raise AgentUnreachable(str(path), reason, next_act=_NEXT) from fault
    return _answer(path, line)


def refusal(fault: InsvcError) -> dict[str, Any]:
    """An error as the line that answers instead."""
    return {
        "ok": False,
        "code": fault.code,
        "subject": fault.subject,
        "reason": fault.reason,
        "next": fault.next_act,
    }


def _connect(path: Path, until: float) -> socket.socket:
    while True:
        try:
            return connect(path, CONNECT_S)
        except WorldError:
            if time.monotonic() >= until:
                raise
            time.sleep(_RETRY_S)


def _line(client: socket.socket) -> bytes:
    with client.makefile("rb") as stream:
        return stream.readline()


def _answer(path: Path, line: bytes) -> Any:  # noqa: ANN401 - JSON
    try:
        said = json.loads(line)
    except ValueError as fault:
        raise AgentUnreachable(
            str(path), "the connection ended before the answer", next_act=_NEXT
        ) from fault
    if said.get("ok") is True:
        return said.get("answer")
    kind = UnknownName if said.get("code") == UnknownName.code else WorldError
    raise kind(
        str(said.get("subject", path)),
        str(said.get("reason", "refused without a reason")),
        next_act=str(said.get("next", _NEXT)),
    )
