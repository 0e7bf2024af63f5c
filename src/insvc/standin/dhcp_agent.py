"""Stand-in of the DHCP agent: starts a metadata proxy for each network and does not stop them.

As in the original, the proxies outlive the agent. One that still runs when the agent starts again
goes on running, with the code that it was started with, until somebody ends it.
"""

import os
import sys
import time

from .program import STOP_SIGNALS, Program, in_background, read_text
from .service import Service
from .web import Reply, Request

LOOK_S = 0.3
PROXY = "usr/bin/neutron-ns-metadata-haproxy"


class Networks:
    """The metadata proxies of this host.

    Args:
        program: who it is.
        ports: the port of each network's proxy, by network.
    """

    def __init__(self, program: Program, ports: dict[str, int]) -> None:
        self._program = program
        self._ports = ports
        self._started: dict[str, int] = {}
        self._starts = 0

    def look(self) -> None:
        """Start the proxy of every network that has none."""
        for network in self._ports:
            if not self._runs(network):
                self._start(network)

    def watch(self) -> None:
        """Look again and again."""
        while True:
            time.sleep(LOOK_S)
            self.look()

    def stats(self) -> dict[str, object]:
        """Pids by network, and how many proxies it started itself."""
        pids = {network: self._pid(network) for network in self._ports}
        return {"proxies": pids, "started": self._starts}

    def _pid(self, network: str) -> int | None:
        text = read_text(self._program.path("run", f"ns-metadata-{network}.pid")).strip()
        return int(text) if text.isdigit() else None

    def _runs(self, network: str) -> bool:
        own = self._started.get(network)
        if own is not None:
            gone, _ = os.waitpid(own, os.WNOHANG)
            if not gone:
                return True
            del self._started[network]
        pid = self._pid(network)
        if pid is None:
            return False
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
        except OSError:
            return False
        return self._program.path(PROXY).encode() in words and network.encode() in words

    def _start(self, network: str) -> None:
        command = [sys.executable, "-I", "-S", "-B", self._program.path(PROXY)]
        command += ["--network", network, "--port", str(self._ports[network])]
        self._started[network] = os.posix_spawn(
            sys.executable, command, os.environ, setsid=True, setsigmask=[], setsigdef=STOP_SIGNALS
        )
        self._starts += 1
        self._program.said(f"started the metadata proxy of {network}")


def main(
    name: str, package: str, library: str, *, networks: dict[str, int], warm_s: float = 0.1
) -> None:
    """Run it; see `insvc.standin.api.main` and `Networks`."""
    program = Program(name, package, library)
    proxies = Networks(program, networks)

    def answer(request: Request) -> Reply:
        return Reply(200, {"path": request.path, "networks": list(networks)})

    proxies.look()
    in_background(proxies.watch)
    Service(program, answer, stats=proxies.stats).run(warm_s=warm_s)
