"""Stand-in of a storage monitor: votes with its peers, serves only inside a quorum."""

import json
import threading
import time

from .ceph_client import monitors
from .ceph_election import Vote
from .program import Program, in_background
from .service import Service
from .web import OK, Reply, Request, ask

ROUND_S = 0.2
PEER_S = 0.3


class Monitor:
    """One monitor among its peers.

    Args:
        program: who it is.
    """

    def __init__(self, program: Program) -> None:
        everyone = monitors(program.root)
        rank = everyone.index((program.address, program.port))
        self._peers = {number: where for number, where in enumerate(everyone) if number != rank}
        self._vote = Vote(rank, len(everyone))
        self._lock = threading.Lock()
        self._program = program
        self._elections = 0

    def serves(self) -> bool:
        """Whether it is in a quorum now."""
        with self._lock:
            return self._vote.serves(time.monotonic())

    def view(self) -> dict[str, object]:
        """Who leads, as this monitor sees it."""
        with self._lock:
            return {
                "rank": self._vote.rank,
                "epoch": self._vote.epoch,
                "leader": self._vote.leader,
                "quorum": list(self._vote.quorum),
                "elections": self._elections,
            }

    def take_part(self) -> None:
        """Stand, lead or follow, for ever."""
        while True:
            with self._lock:
                now = time.monotonic()
                stands, leads = self._vote.must_stand(now), self._vote.leads(now)
            if stands:
                self._stand()
            elif leads:
                self._lead()
            time.sleep(ROUND_S)

    def answer(self, request: Request) -> Reply:
        """What peers and clients ask."""
        if request.path == "/v1/status":
            return Reply(200 if self.serves() else 503, self.view())
        fields = {name: value for name, value in request.fields().items() if name != "quorum"}
        try:
            numbers = {name: int(str(value)) for name, value in fields.items()}
            quorum = request.fields().get("quorum", [])
            members = tuple(int(one) for one in quorum) if isinstance(quorum, list) else ()
            agreed = self._hear(request.path, numbers, members)
        except (KeyError, ValueError):
            return Reply(404, {"fault": f"nothing is at {request.path}"})
        return Reply(200, {"agreed": agreed, "epoch": self._vote.epoch})

    def _hear(self, path: str, numbers: dict[str, int], quorum: tuple[int, ...]) -> bool:
        now = time.monotonic()
        with self._lock:
            if path == "/mon/propose":
                return self._vote.hear_proposal(numbers["epoch"], numbers["candidate"], now)
            if path == "/mon/victory":
                return self._vote.hear_victory(numbers["epoch"], numbers["leader"], quorum, now)
            if path == "/mon/lease":
                return self._vote.hear_lease(numbers["epoch"], numbers["leader"], now)
        raise KeyError(path)

    def _stand(self) -> None:
        with self._lock:
            epoch = self._vote.stand()
            self._elections += 1
        answers = {
            peer: self._ask(peer, "/mon/propose", epoch=epoch, candidate=self._vote.rank)
            for peer in self._peers
        }
        heard = {peer: answer for peer, answer in answers.items() if answer is not None}
        deferred = {peer: known for peer, (agreed, known) in heard.items() if agreed}
        with self._lock:
            won = self._vote.count(epoch, deferred, len(heard) > len(deferred), time.monotonic())
            epoch, quorum = self._vote.epoch, self._vote.quorum
        if won:
            self._program.said(f"leads epoch {epoch} with quorum {list(quorum)}")
            for peer in deferred:
                self._ask(
                    peer, "/mon/victory", epoch=epoch, leader=self._vote.rank, quorum=list(quorum)
                )

    def _lead(self) -> None:
        with self._lock:
            epoch, quorum = self._vote.epoch, self._vote.quorum
        answers = [
            self._ask(peer, "/mon/lease", epoch=epoch, leader=self._vote.rank)
            for peer in quorum
            if peer != self._vote.rank
        ]
        followers = sum(answer is not None and answer[0] for answer in answers)
        with self._lock:
            kept = self._vote.renew(epoch, followers, time.monotonic())
        if not kept:
            self._program.said(f"lost a member of quorum {list(quorum)}, votes again")

    def _ask(self, peer: int, path: str, **fields: object) -> tuple[bool, int] | None:
        """Whether a peer agrees, and its epoch; nothing where it does not answer."""
        address, port = self._peers[peer]
        body = json.dumps(fields).encode()
        try:
            status, answer = ask(address, port, "POST", path, body=body, timeout_s=PEER_S)
            said = json.loads(answer)
            return (bool(said["agreed"]), int(said["epoch"])) if status == OK else None
        except (OSError, ValueError, KeyError):
            return None


def main(name: str, package: str, library: str, *, warm_s: float = 0.1) -> None:
    """Run it; see `insvc.standin.api.main`."""
    program = Program(name, package, library)
    monitor = Monitor(program)

    def while_warming(request: Request) -> Reply:
        if request.path.startswith("/mon/"):
            return monitor.answer(request)
        return Reply(503, {"fault": "the monitor is starting"})

    service = Service(
        program,
        monitor.answer,
        stats=monitor.view,
        is_healthy=monitor.serves,
        while_warming=while_warming,
    )
    in_background(monitor.take_part)
    service.run(warm_s=warm_s)
