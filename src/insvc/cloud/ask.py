"""Asks one host's agent over its socket, without an event loop."""

import json
from pathlib import Path
from typing import Any

from insvc.adapters.unix_socket import connect
from insvc.errors import AgentUnreachable, WorldError

PIECE_BYTES = 65_536


def ask_agent(host: Path, ask: str, *, timeout_s: float) -> Any:  # noqa: ANN401 - JSON
    """The agent's answer.

    Args:
        host: the host's folder.
        ask: the name of the question; those with further fields are not asked here.
        timeout_s: bound on the whole answer.

    Raises:
        AgentUnreachable: it does not answer.
        WorldError: it answers that it cannot.
    """
    try:
        answer = _exchange(host / "run" / "agent.sock", {"ask": ask}, timeout_s)
    except (OSError, ValueError, WorldError) as fault:
        raise AgentUnreachable(
            host.name, f"its agent does not answer: {fault}", next_act=f"read {host}/log/agent.log"
        ) from fault
    if not answer.get("ok"):
        raise WorldError(
            host.name, str(answer.get("reason")), next_act=str(answer.get("next", "try again"))
        )
    return answer.get("answer")


def _exchange(path: Path, question: dict[str, str], timeout_s: float) -> dict[str, Any]:
    with connect(path, timeout_s) as client:
        client.sendall(json.dumps(question).encode() + b"\n")
        received = b""
        while not received.endswith(b"\n"):
            piece = client.recv(PIECE_BYTES)
            if not piece:
                raise ConnectionError("it closed the connection before the end")
            received += piece
    answer: dict[str, Any] = json.loads(received)
    return answer
