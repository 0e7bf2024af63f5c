"""sm-watchdog: sees whether the service manager still answers, and says so.

The original arms a kernel module that reboots the host. There is none here: this daemon writes
what it sees into its log and answers it at `/status`; nothing is restarted by it, since pmon alone
owns sm.
"""

import os
import time
from pathlib import Path

from insvc.cloud.role_daemon import RoleDaemon, ask_sm, say
from insvc.errors import WorldError
from insvc.standin.web import Reply, Request

PERIOD_S = 1.0
BOUND_S = 2.0


class Watch:
    """What was seen of sm so far.

    Args:
        run: the host's run directory.
        bound_s: how long an answer may take.
    """

    def __init__(self, run: Path, bound_s: float = BOUND_S) -> None:
        self._run = run
        self._bound_s = bound_s
        self._looks = 0
        self._missed_in_a_row = 0
        self._missed = 0
        self._longest_s = 0.0
        self._reason = ""

    def beat(self) -> None:
        """Ask sm once and note whether it answered within the bound."""
        asked = time.monotonic()
        self._looks += 1
        try:
            ask_sm(self._run, self._bound_s)
        except WorldError as fault:
            self._miss(fault)
            return
        self._longest_s = max(self._longest_s, time.monotonic() - asked)
        if self._missed_in_a_row:
            say(f"sm-watchdog: sm answers again after {self._missed_in_a_row} missed")
        self._missed_in_a_row = 0

    def answer(self, request: Request) -> Reply | None:
        """`/status`: what was seen."""
        if request.path != "/status":
            return None
        return Reply(
            200,
            {
                "sm_answers": self._looks > 0 and self._missed_in_a_row == 0,
                "looks": self._looks,
                "missed": self._missed,
                "missed_in_a_row": self._missed_in_a_row,
                "longest_answer_s": round(self._longest_s, 6),
                "bound_s": self._bound_s,
                "last_fault": self._reason,
                "kernel_watchdog": False,
            },
        )

    def _miss(self, fault: WorldError) -> None:
        self._missed += 1
        self._missed_in_a_row += 1
        self._reason = str(fault)
        if self._missed_in_a_row == 1:
            say(f"sm-watchdog: {fault}; no kernel watchdog is armed, the host is not rebooted")


def main() -> None:
    """Run the daemon."""
    watch = Watch(Path(os.environ["INSVC_RUN"]))
    RoleDaemon("sm-watchdog", answer=watch.answer, beat=watch.beat, period_s=PERIOD_S).run()
