"""One lab host: an overlay root, a systemd of its own, commands run in it."""

import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from lab.image import environment, overlay, stack
from lab.machine import CHECKOUT, PLACE, Completed, LabError, execute
from lab.network import Network

BOOT_S = 60.0
"""Seconds a host may take until its systemd says that it runs (3 to 5 are usual)."""

DYING_WITH_US = ["setpriv", "--pdeathsig", "KILL", "unshare", "-m", "-p", "-f", "--kill-child"]
"""Words before a command: the kernel ends it, and all it started, when this process ends."""

ENVIRONMENT = (
    "HOME=/root TERM=dumb LC_ALL=C.UTF-8 "
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
)

ENTRY = """#!/usr/bin/python3 -sP
import sys
sys.pycache_prefix = "/var/cache/insvc"
sys.path[:0] = ["/opt/insvc/src", "/opt/insvc/site"]
from insvc.cli.start import main
main()
"""


def hosts_folder() -> Path:
    """Where the changes of running hosts are; each is named after the process that owns it."""
    return PLACE / "hosts"


def control_group(name: str) -> Path:
    """The folder of a host's control group in the unified hierarchy."""
    unified = Path("/sys/fs/cgroup/unified")
    return (unified if unified.is_dir() else Path("/sys/fs/cgroup")) / name


class Host:
    """A Linux host with a real systemd, booted on entering and gone without a trace on leaving.

    Attributes:
        name: its machine name, which holds the pid of the process that owns it.
        address: its address in the network it was given; empty without one.
        pid: its first process (its systemd), as this machine numbers processes.
    """

    def __init__(
        self, short: str = "host", *, layer: str = "tools", network: Network | None = None
    ) -> None:
        self.short = short
        self.name = f"il{os.getpid()}-{short}"
        self.pid = 0
        self.address = network.take_address() if network else ""
        self._network = network
        self._layer = layer
        self._supervisor: subprocess.Popen[bytes] | None = None
        self._upper = hosts_folder() / self.name
        self._console = hosts_folder() / f"{self.name}.console"

    def __enter__(self) -> Self:
        below, site = stack(self._layer), environment()
        shutil.rmtree(self._upper, ignore_errors=True)
        self._upper.mkdir(parents=True)
        self._furnish()
        self._start(below, site)
        try:
            self._await_boot()
            if self._network:
                self._join_network()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.kill()

    def run(
        self,
        command: str | Sequence[str],
        *,
        limit_s: float = 60,
        check: bool = True,
        feed: str | None = None,
    ) -> Completed:
        """Run a command in the host as root, outside every unit; text is given to `sh -c`.

        Raises:
            LabError: it did not end within `limit_s`, or it failed and `check` was asked for.
        """
        words = ["sh", "-c", command] if isinstance(command, str) else list(command)
        told = f"on {self.short}: {shlex.join(words)}"
        entered = [*self.entering(), *words]
        return execute(entered, limit_s=limit_s, check=check, feed=feed, told=told)

    def spawn(self, command: str | Sequence[str]) -> subprocess.Popen[bytes]:
        """Start a command in the host and leave it running; it ends with the host at the latest."""
        words = ["sh", "-c", command] if isinstance(command, str) else list(command)
        return subprocess.Popen(
            [*self.entering(), *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def put(self, path: str, text: str, *, mode: int = 0o644) -> None:
        """Write a file in the host, its folders with it."""
        folder, name = shlex.quote(str(Path(path).parent)), shlex.quote(path)
        self.run(f"mkdir -p {folder} && cat > {name} && chmod {mode:o} {name}", feed=text)

    def get(self, path: str) -> str:
        """The text of a file in the host."""
        return self.run(["cat", path]).output

    def unit(self, name: str, command: str, *, more: str = "") -> None:
        """Put a service unit in the host and start it; `more` is further text of `[Service]`."""
        self.put(f"/etc/systemd/system/{name}", f"[Service]\nExecStart={command}\n{more}\n")
        self.run(f"systemctl daemon-reload && systemctl start {shlex.quote(name)}")

    def until(self, condition: str, *, limit_s: float = 20) -> None:
        """Wait until a shell condition holds in the host.

        Raises:
            LabError: it does not hold within `limit_s` seconds.
        """
        loop = f"until {condition}; do sleep 0.05; done"
        self.run(["sh", "-c", loop], limit_s=limit_s)

    def cut(self) -> None:
        """Cut the host off its network, as a pulled cable does."""
        self.run("ip link set host0 down")

    def join(self) -> None:
        """Put the cable back."""
        self.run("ip link set host0 up")

    def kill(self) -> None:
        """End the host at once, as a power cut does, and take away all that was made for it."""
        if self._supervisor:
            self._end_processes()
        group = control_group(self.name)
        if group.is_dir():
            execute(["find", str(group), "-depth", "-type", "d", "-delete"], check=False)
        shutil.rmtree(self._upper, ignore_errors=True)
        shutil.rmtree(self._upper.with_suffix(".work"), ignore_errors=True)
        shutil.rmtree(f"{self._upper}.root", ignore_errors=True)
        self._console.unlink(missing_ok=True)

    def _end_processes(self) -> None:
        """Kill what holds the host's namespaces, with which the kernel ends every process in it."""
        assert self._supervisor is not None
        self._supervisor.kill()
        self._supervisor.wait(20)
        group, tries = control_group(self.name) / "cgroup.events", 0
        while group.exists() and "populated 1" in group.read_text() and tries < 200:
            tries += 1
            time.sleep(0.05)

    def _furnish(self) -> None:
        """What a host holds beyond its layers, written before it boots."""
        files = {
            "etc/hostname": self.short + "\n",
            "etc/machine-id": "",
            "etc/hosts": f"127.0.0.1 localhost {self.short}\n",
            "usr/local/bin/insvc": ENTRY,
            "etc/apt/sources.list": "",
            "etc/dpkg/dpkg.cfg.d/lab": "force-unsafe-io\n",
        }
        for name, text in files.items():
            path = self._upper / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        (self._upper / "usr/local/bin/insvc").chmod(0o755)

    def _start(self, below: list[Path], site: Path) -> None:
        """Start nspawn in a mount namespace and a control group of its own; it dies with us."""
        root, group = f"{self._upper}.root", control_group(self.name)
        network = f"--network-bridge={self._network.name}" if self._network else "--private-network"
        script = (
            f"set -e; mkdir -p {group}; echo $$ > {group}/cgroup.procs; "
            f"{overlay(below, self._upper, root)}; "
            f"rm -rf {root}/etc/apt/sources.list.d/* {root}/usr/sbin/policy-rc.d; "
            f"exec systemd-nspawn -q -D {root} --boot --register=no --keep-unit {network} "
            f"-M {self.name} --hostname={self.short} --console=read-only "
            f"--bind-ro={CHECKOUT}/src:/opt/insvc/src --bind-ro={site}:/opt/insvc/site"
        )
        with self._console.open("wb") as log:
            self._supervisor = subprocess.Popen(
                [*DYING_WITH_US, "--mount-proc", "sh", "-c", script],
                env={"PATH": os.environ["PATH"], "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def _await_boot(self) -> None:
        """Wait until the host's systemd says that it is up, with or without failed units."""
        assert self._supervisor is not None
        end = time.monotonic() + BOOT_S
        while time.monotonic() < end:
            if self._supervisor.poll() is not None:
                break
            self.pid = self.pid or _first_process(control_group(self.name))
            if self.pid and self._is_up():
                return
            time.sleep(0.1)
        told = self._console.read_text(encoding="utf-8", errors="replace")[-3000:]
        raise LabError(f"{self.name} did not boot: {told}")

    def _is_up(self) -> bool:
        state = self.run(["systemctl", "is-system-running"], check=False, limit_s=20)
        return state.output.strip() in {"running", "degraded"}

    def _join_network(self) -> None:
        self.run(f"ip address add {self.address}/24 dev host0 && ip link set host0 up")

    def entering(self) -> list[str]:
        """The words that run what follows them in the host, in a control group that is nobody's."""
        group = control_group(self.name) / "payload" / "lab-shell"
        script = (
            f"mkdir -p {group} && echo $$ > {group}/cgroup.procs && "
            f'exec nsenter -t {self.pid} -a setpriv --pdeathsig KILL env -i {ENVIRONMENT} "$@"'
        )
        return ["sh", "-c", script, "sh"]


def _first_process(group: Path) -> int:
    """The pid, on this machine, of process 1 of the host in a control group; 0 before it is there.

    It is process 1 of the namespace that nspawn made, inside the namespace that we made for nspawn.
    """
    depth = len(_numbers("self")) + 2
    for listed in group.rglob("cgroup.procs"):
        for pid in listed.read_text(encoding="ascii").split():
            numbers = _numbers(pid)
            if len(numbers) == depth and numbers[-1] == "1":
                return int(pid)
    return 0


def _numbers(pid: str) -> list[str]:
    """The numbers of a process in each namespace it is in, ours first; none where it has ended."""
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return []
    return next(line.split()[1:] for line in text.splitlines() if line.startswith("NSpid:"))
