"""Stand-in of a storage daemon: keeps objects on disk, writes wait for the monitors' quorum."""

import os
import re

from .ceph_client import wait_for_quorum
from .program import Program, read_text, write_whole
from .service import Service
from .web import Reply, Request

NAME = re.compile(r"/v1/objects/([a-z0-9_-]{1,64})")


class Store:
    """Objects in files below the host's root."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self.counts = {"writes": 0, "reads": 0, "refused": 0}

    def answer(self, request: Request) -> Reply:
        """Write with PUT, read with GET."""
        found = NAME.fullmatch(request.path)
        if found is None:
            return Reply(404, {"fault": f"nothing is at {request.path}"})
        path = self._program.path("var/lib/ceph/osd", found[1])
        if request.method == "PUT":
            return self._write(path, request.body.decode("utf-8", "replace"))
        self.counts["reads"] += 1
        if not os.path.exists(path):
            return Reply(404, {"fault": f"there is no object {found[1]}"})
        return Reply(200, {"object": read_text(path)})

    def _write(self, path: str, text: str) -> Reply:
        if not wait_for_quorum(self._program.root):
            self.counts["refused"] += 1
            return Reply(503, {"fault": "the monitors have no quorum"})
        write_whole(path, text)
        self.counts["writes"] += 1
        return Reply(201, {"written": len(text)})


def main(name: str, package: str, library: str, *, warm_s: float = 0.1) -> None:
    """Run it; see `insvc.standin.api.main`."""
    program = Program(name, package, library)
    store = Store(program)
    joined = [False]

    def has_joined() -> bool:
        joined[0] = joined[0] or wait_for_quorum(program.root, patience_s=0.0)
        return joined[0]

    service = Service(
        program, store.answer, stats=lambda: dict(store.counts), is_healthy=has_joined
    )
    service.run(warm_s=warm_s)
