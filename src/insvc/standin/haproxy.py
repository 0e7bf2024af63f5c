"""Stand-in of the front proxy: forwards by path prefix to the services of its host.

When it is stopped it does not wait: what it was forwarding fails.
"""

import json

from .program import Program
from .service import Service
from .web import Reply, Request, ask_whole

FORWARD_S = 60.0
HOP_HEADERS = {"host", "connection", "content-length"}


class Front:
    """Requests in, requests out.

    Args:
        program: who it is; `etc/haproxy/backends.json` below its root maps a prefix to
            {"service", "port"} on the host's own address.
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        self.counts = {"forwarded": 0, "unavailable": 0, "broken": 0}
        with open(program.path("etc/haproxy/backends.json"), encoding="utf-8") as file:
            self._backends: dict[str, dict[str, str]] = json.load(file)

    def answer(self, request: Request) -> Reply:
        """Forward it, or say which backend could not be reached."""
        prefix, _, rest = request.target.removeprefix("/").partition("/")
        backend = self._backends.get(prefix)
        if backend is None:
            return Reply(404, {"fault": f"no backend has the prefix /{prefix}"})
        headers = {n: v for n, v in request.headers.items() if n not in HOP_HEADERS}
        port, name = int(backend["port"]), backend["service"]
        try:
            status, back, body = ask_whole(
                self._program.address,
                port,
                request.method,
                f"/{rest}",
                headers,
                request.body,
                FORWARD_S,
            )
        except ConnectionRefusedError:
            self.counts["unavailable"] += 1
            return Reply(503, {"fault": f"{name} is not up"}, X_Backend=name)
        except OSError:
            self.counts["broken"] += 1
            return Reply(502, {"fault": f"{name} broke the request off"}, X_Backend=name)
        self.counts["forwarded"] += 1
        reply = Reply(status, body, X_Backend=name)
        reply.headers.update({n: v for n, v in back.items() if n not in HOP_HEADERS})
        return reply


def main(name: str, package: str, library: str, *, warm_s: float = 0.1) -> None:
    """Run it; see `insvc.standin.api.main`."""
    program = Program(name, package, library)
    front = Front(program)
    service = Service(program, front.answer, stats=lambda: dict(front.counts), address=program.oam)
    service.run(warm_s=warm_s)
