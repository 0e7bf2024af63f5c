"""`python -m insvc.agent HOSTDIR`: one host's agent, until it is shut down or terminated.

SIGTERM ends the agent alone: what it supervises keeps running, and its next life takes over.
"""

import os
import signal
import sys
import threading
from pathlib import Path

from insvc.adapters.definitions import read_host
from insvc.adapters.descriptors import raise_limit
from insvc.adapters.own_log import outlive_full_log
from insvc.agent.asks import Asks
from insvc.agent.certificate import CertificateWatch
from insvc.agent.logs import LogKeeper
from insvc.agent.loop import Loop
from insvc.agent.managers import Managers
from insvc.agent.orphans import Orphans
from insvc.agent.server import Server
from insvc.agent.signals import Signals
from insvc.errors import InsvcError

SWITCH_S = 0.001
"""How long another thread may keep the supervisor waiting."""
_ANSWER_SENT_S = 0.2


def serve(folder: Path) -> bool:
    """Serve the host in that folder; whether it is to be served anew by this very process.

    Raises:
        InputError: its `host.json` is missing or not as expected.
        WorldError: another agent serves it.
        CorruptStore: its ledger cannot be trusted.
    """
    host = read_host(folder)
    run = folder / "run"
    run.mkdir(exist_ok=True)
    loop = Loop()
    managers = Managers(folder, host, loop)
    asks = Asks(folder, host, managers, lambda: threading.Timer(_ANSWER_SENT_S, loop.stop).start())
    server = Server(run / "agent.sock", asks.by_name())
    orphans = Orphans(managers.children)
    loop.add_timed(orphans)
    signals = Signals(loop, {signal.SIGTERM: loop.stop, signal.SIGCHLD: orphans.on_child})
    is_renewed = threading.Event()

    def renew() -> None:
        is_renewed.set()
        threading.Timer(_ANSWER_SENT_S, loop.stop).start()

    managers.renew = renew
    logs = LogKeeper(folder / "log")
    logs.start()
    try:
        (run / "agent.pid").write_text(f"{os.getpid()}\n", encoding="ascii")
        managers.begin()
        loop.add_timed(CertificateWatch(folder, host.host))
        server.start()
        loop.run()
        managers.close()
    finally:
        logs.close()
        server.close()
        signals.close()
        orphans.close()
        loop.close()
    return is_renewed.is_set()


def main() -> int:
    """Run the agent; answers with its exit code."""
    if len(sys.argv) != 2:  # noqa: PLR2004 - the program and its folder
        sys.stderr.write("usage: python -m insvc.agent HOSTDIR\n")
        return 2
    sys.setswitchinterval(SWITCH_S)
    raise_limit()
    try:
        if serve(Path(sys.argv[1]).absolute()):
            sys.stderr.flush()
            os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - itself
    except InsvcError as fault:
        sys.stderr.write(f"error[{fault.code}] {fault}\n  next: {fault.next_act}\n")
        return fault.exit_code
    return 0


if __name__ == "__main__":
    outlive_full_log()
    sys.exit(main())
