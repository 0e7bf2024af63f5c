"""Two small controllers that take turns: their agents are processes, and so is all they run."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from insvc.adapters.ask import ask
from insvc.adapters.heartbeat import KEY_FILE, make_key
from insvc.adapters.pair_lease import FOLDER, FolderLease
from insvc.adapters.sm_client import SmClient
from insvc.agent.strays import of_host
from insvc.errors import WorldError
from insvc.model.words import InstanceState, Role
from insvc.supervise.pair import Tenure
from tests.fakes.host_folder import PORT, HostFolder, until

NAMES = ("c0", "c1")


class Controller:
    """One of the two.

    Args:
        folder: the host.

    Attributes:
        sm: asks its service manager.
    """

    def __init__(self, folder: HostFolder) -> None:
        self.folder = folder
        self.sm = SmClient(folder.path)
        self._agent: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start its agent."""
        log = (self.folder.path / "agent.log").open("ab")
        command = [sys.executable, "-P", "-m", "insvc.agent", str(self.folder.path)]
        with log:
            self._agent = subprocess.Popen(command, stdout=log, stderr=log)

    @property
    def agent_pid(self) -> int:
        """Of its agent, which was started."""
        assert self._agent is not None
        return self._agent.pid

    def kill(self) -> None:
        """Everything of the host dies at once, its agent first."""
        if self._agent is not None:
            self._agent.kill()
            self._agent.wait()
        for _ in range(3):
            for one in of_host(self.folder.root):
                os.kill(one.pid, signal.SIGKILL)

    def stop(self) -> None:
        """End it in order."""
        self.ask("shutdown", 60.0)
        if self._agent is not None:
            self._agent.wait(60.0)

    def ask(self, what: str, timeout_s: float = 20.0, **more: Any) -> Any:
        """Ask its agent."""
        return ask(self.folder.path / "run/agent.sock", {"ask": what, **more}, timeout_s)

    def role(self) -> Role | None:
        """The role that its service manager has; nothing where that does not answer."""
        try:
            return self.sm.services().role
        except WorldError:
            return None

    def serves(self, name: str = "x") -> bool:
        """Whether its service manager says that the service runs."""
        try:
            rows = self.sm.services().services
        except WorldError:
            return False
        return any(one.name == name and one.state is InstanceState.RUNNING for one in rows)

    def pid(self, name: str) -> int:
        """The pid of a service of pmon or sm."""
        rows = [one for one in self.ask("managers") if one["name"] == name]
        return int(rows[0]["pid"])


class PairOfHosts:
    """Both, in one cloud.

    Args:
        path: the cloud's folder, to be made.
        ttl_s: of the lease.
    """

    def __init__(self, path: Path, ttl_s: float = 4.0) -> None:
        self.path = path
        (path / FOLDER).mkdir(parents=True)
        make_key(path / KEY_FILE)
        hosts = [
            HostFolder(path / "hosts" / name, role, name)
            for name, role in zip(NAMES, ("active", "standby"), strict=True)
        ]
        for own, peer in (hosts, hosts[::-1]):
            own.pair = {"peer": peer.name, "peer_address": peer.address, "ttl_s": ttl_s}
            own.pair["patience_s"] = 0.0
            own.pair["wait_s"] = ttl_s
            own.write_host("active" if own.name == "c0" else "standby")
            own.define("sm", "sm", port=PORT, drain={"timeout_s": 30.0})
            own.define("x", "alone", manager="sm", runs_when="active")
        self.c0, self.c1 = (Controller(one) for one in hosts)
        self.lease = FolderLease(path / FOLDER, "nobody", ttl_s)

    def start(self) -> None:
        """Start both, and wait until the first serves and the other stands by."""
        self.c0.start()
        self.c1.start()
        until(lambda: self.c0.serves() and self.c1.role() is Role.STANDBY)
        until(lambda: self.c0.sm.nodes().is_heard and self.c1.sm.nodes().is_heard)

    def clean(self) -> None:
        """Leave no process."""
        for one in (self.c0, self.c1):
            one.kill()

    def tenure(self) -> Tenure:
        """The lease, which was taken before."""
        found = self.lease.look()
        assert found is not None
        return found

    def served(self) -> list[tuple[float, str, str, str]]:
        """When which host began to serve, in order: (moment, host, `up` or `clash`, epoch)."""
        path = self.path / "served"
        lines = path.read_text().splitlines() if path.exists() else []
        words = (line.split() for line in lines)
        return [(float(at), host, word, epoch) for at, host, word, epoch in words]

    def hosts_served(self) -> list[str]:
        """The hosts that began to serve, in order; `!` with one that met the other serving."""
        return [host if word == "up" else f"{host}!" for _, host, word, _ in self.served()]
