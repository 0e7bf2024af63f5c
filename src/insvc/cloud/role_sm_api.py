"""sm-api: the service manager's state over HTTP, to be read and not to be changed.

Paths: `/v1/services` every service, `/v1/services/NAME` one, `/v1/node` the host. While sm does
not answer, they answer 503 and say why.
"""

import os
from pathlib import Path
from typing import Any

from insvc.cloud.role_daemon import RoleDaemon, ask_sm
from insvc.errors import WorldError
from insvc.standin.web import Reply, Request

ANSWER_S = 2.0
IDLE_S = 3600.0


def answer(request: Request) -> Reply | None:
    """The answer to a request of this daemon's own paths; nothing for any other."""
    if request.path not in {"/v1/services", "/v1/node"} and not _service_named(request.path):
        return None
    if request.method != "GET":
        return Reply(405, {"fault": f"{request.method} is not possible; this is read only"})
    try:
        state = ask_sm(Path(os.environ["INSVC_RUN"]), ANSWER_S)
    except WorldError as fault:
        return Reply(503, {"fault": str(fault), "next": fault.next_act})
    return _of_state(request.path, state)


def main() -> None:
    """Run the daemon."""
    RoleDaemon("sm-api", answer=answer, beat=lambda: None, period_s=IDLE_S).run()


def _of_state(path: str, state: dict[str, Any]) -> Reply:
    services: list[dict[str, Any]] = state["services"]
    if path == "/v1/services":
        return Reply(200, {"services": services})
    name = _service_named(path)
    if name:
        found = next((one for one in services if one.get("name") == name), None)
        fault = {"fault": f"sm has no service called {name}"}
        return Reply(404, fault) if found is None else Reply(200, found)
    host = os.environ["INSVC_HOST"]
    return Reply(200, {"host": host, "role": state.get("role"), "locked": state.get("locked")})


def _service_named(path: str) -> str:
    prefix = "/v1/services/"
    return path[len(prefix) :] if path.startswith(prefix) else ""
