"""Stand-in of a network's metadata proxy: a helper that the DHCP agent starts and leaves behind."""

import os
import sys
import time

from .program import Program, hold_signals, wait_for_stop, wait_until_stopped, write_whole
from .web import Answer, Reply, Request, Server

BIND_S = 10.0
BIND_PAUSE_S = 0.1


def main(name: str, package: str, library: str) -> None:
    """Run it: `--network NAME --port NUMBER`."""
    _, _, network, _, port = sys.argv
    program = Program(name, package, library)
    hold_signals()
    write_whole(program.path("run", f"ns-metadata-{network}.pid"), f"{os.getpid()}\n")

    def answer(request: Request) -> Reply:
        if request.path == "/version":
            return Reply(200, program.about())
        return Reply(200, {"network": network, "host": program.host, "path": request.path})

    if _serve(program, int(port), answer):
        wait_until_stopped()


def _serve(program: Program, port: int, answer: Answer) -> bool:
    """Listen as soon as the predecessor has let go of the port; false when told to stop first."""
    until = time.monotonic() + BIND_S
    while True:
        try:
            Server(program.address, port, answer)
        except OSError:
            if time.monotonic() > until:
                raise
        else:
            return True
        if wait_for_stop(BIND_PAUSE_S):
            return False
