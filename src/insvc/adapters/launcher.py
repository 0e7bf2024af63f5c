"""Starts the programs of one host, each in a session of its own with a small environment."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import insvc
from insvc.adapters.definitions import HostFile
from insvc.adapters.descriptors import give_back_limit
from insvc.adapters.listening import FIRST_FD, Handed
from insvc.adapters.pidfd import Held, boot_id, read_identity, start_ticks
from insvc.adapters.proc_file import read_at
from insvc.errors import WorldError
from insvc.model.observation import ProcessIdentity
from insvc.supervise.definition import ServiceDefinition

LIBRARY = Path(insvc.__file__).resolve().parent.parent
ROOT_VARIABLE = "INSVC_ROOT"
SERVICE_VARIABLE = "INSVC_SERVICE"
START_VARIABLE = "INSVC_START"
_LAID_OUT_WITHIN_S = 2.0
_LOOK_AGAIN_S = 0.0005
_BECOME = 'cd "$0" && LISTEN_PID=$$ && export LISTEN_PID && exec "$@"'
_STANDARD_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"


class Launcher:
    """Starts programs of the host in `folder`.

    Args:
        folder: the host's folder, with `root`, `run` and `log` in it.
        host: what the host is.
    """

    def __init__(self, folder: Path, host: HostFile) -> None:
        self.folder = folder.absolute()
        self.root = self.folder / "root"
        self.host = host

    def launch(
        self, definition: ServiceDefinition, start: int = 1, handed: Handed | None = None
    ) -> Held:
        """Start the program; the process returned is running its code.

        Args:
            definition: of its service.
            start: the number of this launch, by which it can be found where its pid is lost.
            handed: the socket that it is to serve, where its manager keeps it.

        Raises:
            WorldError: it cannot be started.
        """
        environment = {**self.environment(definition), START_VARIABLE: str(start)}
        if handed is not None:
            return self._launch_with_socket(definition, environment, handed)
        return self.spawn(definition, self.command(definition), environment)

    def spawn(
        self, definition: ServiceDefinition, command: list[str], environment: dict[str, str]
    ) -> Held:
        """Run a command of the service in a session of its own; what it writes goes to its log.

        Raises:
            WorldError: it cannot be started.
        """
        log = self.folder / "log" / f"{definition.name}.log"
        try:
            log.parent.mkdir(exist_ok=True)
            with log.open("ab") as output:
                child = subprocess.Popen(  # noqa: S603 - the program of an installed definition
                    command,
                    cwd=self.root,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
        except OSError as fault:
            raise WorldError(
                definition.name, f"cannot be started: {fault}", next_act="install its package again"
            ) from fault
        give_back_limit(child.pid)
        # From here on the pidfd reaps it; the object must not wait for it when it is collected.
        child.returncode = 0
        return _hold(child.pid)

    def _launch_with_socket(
        self, definition: ServiceDefinition, environment: dict[str, str], handed: Handed
    ) -> Held:
        """Start the program with the socket as its descriptor 3.

        Only the process itself knows the pid that its environment has to name, so a shell adds it
        and becomes the program.
        """
        log = self.folder / "log" / f"{definition.name}.log"
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        try:
            log.parent.mkdir(exist_ok=True)
            pid = os.posix_spawn(
                "/bin/sh",
                ["/bin/sh", "-c", _BECOME, str(self.root), *self.command(definition)],
                {**environment, **handed.environment},
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_OPEN, 1, str(log), flags, 0o644),
                    (os.POSIX_SPAWN_DUP2, 1, 2),
                    (os.POSIX_SPAWN_DUP2, handed.listener.fileno(), FIRST_FD),
                ],
                setsid=True,
                setsigdef=[signal.SIGPIPE, signal.SIGXFSZ],
            )
        except OSError as fault:
            raise WorldError(
                definition.name, f"cannot be started: {fault}", next_act="install its package again"
            ) from fault
        give_back_limit(pid)
        return _hold(pid)

    def command(self, definition: ServiceDefinition) -> list[str]:
        """The argument vector, blanks filled in."""
        program, *arguments = (self._fill(one) for one in definition.command)
        run_by = [] if definition.is_native else [self.host.python, "-I", "-S", "-B"]
        return [*run_by, str(self.root / program), *arguments]

    def endpoint(self, definition: ServiceDefinition) -> str | None:
        """`address:port` where it listens; nothing where it listens nowhere."""
        if definition.port is None:
            return None
        address = self.host.oam_address if definition.on_oam else self.host.address
        return f"{address}:{definition.port}"

    def environment(self, definition: ServiceDefinition) -> dict[str, str]:
        """All that the program learns of its place; nothing is inherited but PATH."""
        port = {} if definition.port is None else {"INSVC_PORT": str(definition.port)}
        return {
            "PATH": os.environ.get("PATH", _STANDARD_PATH),
            "LANG": "C.UTF-8",
            "INSVC_HOST": self.host.host,
            "INSVC_ADDRESS": self.host.address,
            "INSVC_OAM_ADDRESS": self.host.oam_address,
            ROOT_VARIABLE: str(self.root),
            "INSVC_RUN": str(self.folder / "run"),
            "INSVC_PERSONALITY": self.host.personality,
            "INSVC_CLOUD": str(self.folder.parent.parent),
            "INSVC_PIDFILE": str(self.root / definition.pidfile),
            SERVICE_VARIABLE: definition.name,
            "INSVC_LIBRARY": str(LIBRARY),
            **port,
        }

    def _fill(self, text: str) -> str:
        for blank, value in (
            ("{root}", str(self.root)),
            ("{run}", str(self.folder / "run")),
            ("{address}", self.host.address),
            ("{oam}", self.host.oam_address),
            ("{host}", self.host.host),
        ):
            text = text.replace(blank, value)
        return text


def _hold(pid: int) -> Held:
    """The child by descriptor. It stays a zombie until it is reaped, so its pid is its own."""
    fd = os.pidfd_open(pid)
    _wait_until_laid_out(pid)
    return Held(ProcessIdentity(boot_id=boot_id(), pid=pid, start_ticks=start_ticks(pid)), fd)


def _wait_until_laid_out(pid: int) -> None:
    """Until its environment can be read, by which everybody else knows whose process it is.

    The kernel lets `Popen` return before it has laid out arguments and environment; on a busy
    machine that takes milliseconds, in which the process would belong to nobody.
    """
    environment = f"/proc/{pid}/environ"
    until = time.monotonic() + _LAID_OUT_WITHIN_S
    with suppress(OSError):
        while not read_at(None, environment) and read_identity(pid) and time.monotonic() < until:
            time.sleep(_LOOK_AGAIN_S)
