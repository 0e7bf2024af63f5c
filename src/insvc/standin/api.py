"""Stand-in of an API service or of a worker behind one: answers, counts, and beats."""

import time

from .ceph_client import wait_for_quorum
from .program import Program, in_background
from .service import Service
from .web import Reply, Request

BEAT_S = 1.0


def main(
    name: str,
    package: str,
    library: str,
    *,
    warm_s: float = 0.1,
    work_s: float = 0.0,
    drain_s: float = 0.0,
    uses_ceph: bool = False,
) -> None:
    """Run it.

    Args:
        name: see `Program`, as `package` and `library`.
        package: what delivers it.
        library: its shared object.
        warm_s: how long the start takes.
        work_s: how long a request takes.
        drain_s: how long open requests may take to finish when it is stopped.
        uses_ceph: whether each request needs the storage cluster's quorum.
    """
    program = Program(name, package, library)
    counts = {"requests": 0, "failed": 0, "beats": 0}

    def answer(request: Request) -> Reply:
        counts["requests"] += 1
        if uses_ceph and not wait_for_quorum(program.root):
            counts["failed"] += 1
            return Reply(503, {"fault": "the storage cluster has no quorum"})
        time.sleep(work_s)
        return Reply(200, {"service": name, "path": request.path, "number": counts["requests"]})

    def beat() -> None:
        while True:
            time.sleep(BEAT_S)
            counts["beats"] += 1

    in_background(beat)
    service = Service(program, answer, stats=lambda: dict(counts))
    service.run(warm_s=warm_s, drain_s=drain_s)
