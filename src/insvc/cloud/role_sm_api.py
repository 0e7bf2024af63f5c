"""sm-api: the service manager over HTTP, on port 7777 of each controller.

Read, open to everybody who reaches the host's address: `/v1/nodes[/NAME]`,
`/v1/service_groups[/NAME]`, `/v1/services[/NAME]`, `/v1/sm_sda`, `/v1/servicenode/HOST` and
`/v1/node`.

To change something, `PATCH /v1/servicenode/HOST` wants the token of `etc/insvc/sm-api.token` below
the host's root in the header X-Auth-Token; what is for the other controller is passed on to it. A
lock is carried out by the agent of the host that it is for, since an sm-api ends with its host.
While sm does not answer, all of them answer 503 and say why.
"""

import hmac
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from insvc.adapters.ask import ask
from insvc.adapters.sm_client import SmClient
from insvc.adapters.small_file import read_small
from insvc.adapters.wire import from_json
from insvc.cloud.role_daemon import RoleDaemon, ask_sm, say
from insvc.errors import AgentUnreachable, WorldError
from insvc.model.sm_table import SmTable
from insvc.standin.web import Reply, Request, ask_whole
from insvc.supervise.sm_api import (
    Action,
    ErrorCode,
    NodeCommand,
    NodeResult,
    assignments,
    is_swacted,
    node_row,
    peer_row,
    pre_checked,
    read_command,
    service_node,
    swacted,
)
from insvc.supervise.swact import Nodes, PreCheck, What

ANSWER_S = 2.0
CHANGE_S = 60.0
IDLE_S = 3600.0
TOKEN = "etc/insvc/sm-api.token"  # noqa: S105 - the file's name
OWN = "own"
_LEAKY = 0o077
_NODE = "/v1/servicenode/"


class Api:
    """The answers of one controller's sm-api.

    Args:
        folder: the host's folder.
        host: its name.
        port: where every sm-api listens.
    """

    def __init__(self, folder: Path, host: str, port: int) -> None:
        self._folder = folder
        self._host = host
        self._port = port
        self._sm = SmClient(folder)
        self._reads: Mapping[str, Callable[[Request, str], Reply]] = {
            "/v1/nodes": self._nodes,
            "/v1/service_groups": self._groups,
            "/v1/services": self._services,
            "/v1/sm_sda": self._assignments,
            "/v1/node": self._node,
        }

    def answer(self, request: Request) -> Reply | None:
        """The answer to a request of this daemon's own paths; nothing for any other."""
        if request.path.startswith(_NODE):
            return self._guarded(lambda: self._service_node(request))
        for path, read in self._reads.items():
            name = request.path.removeprefix(path)
            if request.path.startswith(path) and (not name or name.startswith("/")):
                if request.method != "GET":
                    return Reply(
                        405, {"fault": f"{request.method} is not possible: {path} is read"}
                    )
                return self._guarded(lambda: read(request, name[1:]))  # noqa: B023 - called now
        return None

    def _guarded(self, answer: Callable[[], Reply]) -> Reply:
        try:
            return answer()
        except WorldError as fault:
            return Reply(503, {"fault": str(fault), "next": fault.next_act})

    def _nodes(self, _: Request, name: str) -> Reply:
        nodes = self._sm.nodes()
        rows = [one for one in (node_row(nodes.own), peer_row(nodes)) if one is not None]
        return _of_rows("nodes", rows, name)

    def _groups(self, _: Request, name: str) -> Reply:
        table = ask(self._folder / "run/sm.sock", {"ask": "table"}, ANSWER_S)
        return _of_rows("service_groups", table["groups"], name)

    def _services(self, _: Request, name: str) -> Reply:
        return _of_rows("services", ask_sm(self._folder / "run", ANSWER_S)["services"], name)

    def _node(self, _: Request, name: str) -> Reply:
        state = ask_sm(self._folder / "run", ANSWER_S)
        if name:
            return Reply(404, {"fault": f"/v1/node/{name} is not served here"})
        told = {"host": self._host, "role": state.get("role"), "locked": state.get("locked")}
        return Reply(200, told)

    def _assignments(self, request: Request, name: str) -> Reply:
        """Which group is assigned to which controller; the peer is asked for its own."""
        if name:
            return Reply(404, {"fault": f"/v1/sm_sda/{name} is not served here"})
        raw = ask(self._folder / "run/sm.sock", {"ask": "table"}, ANSWER_S)
        rows = assignments(self._host, from_json(SmTable, raw).groups)
        nodes = self._sm.nodes()
        unseen = []
        if nodes.peer_name is not None and OWN not in request.query:
            try:
                told = self._of_peer("GET", f"/v1/sm_sda?{OWN}=1", {}, b"", ANSWER_S)
                rows += json.loads(told.body)["sm_sda"]
            except (OSError, ValueError, KeyError) as fault:
                unseen.append(f"{nodes.peer_name}: {fault}")
        return Reply(200, {"sm_sda": rows, "unseen": unseen})

    def _service_node(self, request: Request) -> Reply:
        host = request.path.removeprefix(_NODE)
        nodes = self._sm.nodes()
        if host not in {self._host, nodes.peer_name}:
            fault = f"{host} is no controller; there are {self._host}, {nodes.peer_name}"
            return Reply(404, {"error_code": ErrorCode.NO_SUCH_HOST, "error_details": fault})
        if request.method == "GET":
            return Reply(200, _shown(host, nodes))
        if request.method != "PATCH":
            return Reply(405, {"fault": f"{request.method} is not possible, only GET and PATCH"})
        refusal = self._refusal(request.headers.get("x-auth-token", ""))
        return refusal or self._change(request, host, nodes)

    def _change(self, request: Request, host: str, nodes: Nodes) -> Reply:
        command = _command(request.body)
        if not isinstance(command, NodeCommand):
            return Reply(400, {"faults": list(command)})
        is_lock = command.action in {Action.LOCK, Action.UNLOCK}
        if host != self._host and not is_lock:
            return self._pass_on(request, host)
        say(f"sm-api: {command.origin} asks: {command.action} {host}")
        result = self._lock(host, command) if is_lock else self._carry_out(command, nodes)
        say(f"sm-api: {command.action} {host}: {result.code} {result.details}")
        return Reply(200, result.body(host, command))

    def _refusal(self, given: str) -> Reply | None:
        """Why nothing may be changed with that token; nothing where it may."""
        path = self._folder / "root" / TOKEN
        try:
            known = read_small(path).strip()
            is_leaky = bool(path.stat().st_mode & _LEAKY)
        except OSError as fault:
            return Reply(403, {"fault": f"nothing can be changed: {TOKEN}: {fault.strerror}"})
        if is_leaky or not known:
            why = "others may read it" if is_leaky else "it is empty"
            return Reply(403, {"fault": f"nothing can be changed: {TOKEN}: {why}"})
        if not hmac.compare_digest(given.encode("utf-8", "replace"), known.encode()):
            return Reply(401, {"fault": "X-Auth-Token is missing or not the host's"})
        return None

    def _carry_out(self, command: NodeCommand, nodes: Nodes) -> NodeResult:
        action = command.action
        if action is Action.SWACT_PRE_CHECK:
            return pre_checked(What.SWACT, self._sm.pre_check(What.SWACT), nodes)
        if action is Action.LOCK_PRE_CHECK:
            return pre_checked(What.LOCK, self._sm.pre_check(What.LOCK), nodes)
        if action is Action.EVENT:
            said = "heard; how a controller is, its service manager finds out for itself"
            return NodeResult(code=ErrorCode.DONE, details=said)
        return self._swact(nodes, force=action is Action.SWACT_FORCE)

    def _swact(self, nodes: Nodes, *, force: bool) -> NodeResult:
        if is_swacted(nodes):
            return NodeResult(code=ErrorCode.DONE, details=f"{nodes.peer_name} serves already")
        impacted = self._sm.pre_check(What.SWACT).impacted
        try:
            told = self._sm.swact(force=force, timeout_s=CHANGE_S)
        except AgentUnreachable as fault:
            # It was asked and broke off: what came of it is seen by looking once more.
            if is_swacted(self._sm.nodes()):
                return NodeResult(code=ErrorCode.DONE, details="done", impacted=impacted)
            return NodeResult(code=ErrorCode.FAILED, details=str(fault), impacted=impacted)
        return swacted(told, self._sm.nodes() if told.refusals else nodes, impacted)

    def _lock(self, host: str, command: NodeCommand) -> NodeResult:
        """By way of that host's agent: all its managers change together."""
        locked = command.action is Action.LOCK
        if locked and host == self._host:
            said = f"sm-api of {host} ends when {host} is locked: ask the other controller's"
            return NodeResult(code=ErrorCode.FAILED, details=said)
        folder = self._folder.parent / host
        sm = SmClient(folder)
        nodes = sm.nodes()
        check = sm.pre_check(What.LOCK) if locked and not nodes.own.locked else PreCheck()
        if check.refusals:
            return pre_checked(What.LOCK, check, nodes)
        question = {"ask": "set-locked", "locked": locked, "timeout_s": CHANGE_S}
        late = ask(folder / "run/agent.sock", question, CHANGE_S + ANSWER_S)
        details = f"not in time: {', '.join(late)}" if late else ""
        code = ErrorCode.FAILED if late else ErrorCode.DONE
        return NodeResult(code=code, details=details, impacted=check.impacted)

    def _pass_on(self, request: Request, host: str) -> Reply:
        if OWN in request.query:
            return Reply(421, {"fault": f"{host} is not this host, and was passed on already"})
        headers = {"X-Auth-Token": request.headers["x-auth-token"]}
        target = f"{_NODE}{host}?{OWN}=1"
        try:
            return self._of_peer("PATCH", target, headers, request.body, 2 * CHANGE_S)
        except OSError as fault:
            return Reply(503, {"fault": f"sm-api of {host}: {fault}", "next": "ask it directly"})

    def _of_peer(
        self, method: str, target: str, headers: dict[str, str], body: bytes, timeout_s: float
    ) -> Reply:
        """The other controller's answer.

        Raises:
            OSError: it gives none.
        """
        file = json.loads(read_small(self._folder / "host.json"))
        address = (file.get("pair") or {}).get("peer_address")
        if not address:
            raise OSError("host.json does not say where it is")
        status, _, answer = ask_whole(address, self._port, method, target, headers, body, timeout_s)
        return Reply(status, answer)


def _shown(host: str, nodes: Nodes) -> dict[str, object]:
    if host == nodes.own.host:
        return service_node(node_row(nodes.own), nodes.own.role)
    row = peer_row(nodes)
    role = nodes.peer.role if nodes.peer is not None else None
    return service_node(row or {}, role)


def _command(body: bytes) -> NodeCommand | tuple[str, ...]:
    try:
        return read_command(json.loads(body or b"null"))
    except (ValueError, RecursionError) as fault:
        return (f"the body is not JSON: {fault}",)


def _of_rows(kind: str, rows: list[dict[str, Any]], name: str) -> Reply:
    """All of them, or the one of that name."""
    if not name:
        return Reply(200, {kind: rows})
    found = next((one for one in rows if one.get("name") == name), None)
    if found is None:
        return Reply(404, {"fault": f"sm has no {kind.removesuffix('s')} called {name}"})
    return Reply(200, found)


def main() -> None:
    """Run the daemon."""
    folder = Path(os.environ["INSVC_RUN"]).parent
    api = Api(folder, os.environ["INSVC_HOST"], int(os.environ["INSVC_PORT"]))
    RoleDaemon("sm-api", answer=api.answer, beat=lambda: None, period_s=IDLE_S).run()
