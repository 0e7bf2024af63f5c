"""Clients that keep asking, and count what happened to their requests."""

import threading
import time
from dataclasses import dataclass

from insvc.cloud.load_targets import LoadTarget
from insvc.report.report import Requests, ServiceRequests
from insvc.standin.web import OK, ask_whole

ANSWER_S = 40.0
RETRY_S = 0.1
DELAYED_ABOVE_S = 1.0
FIRST_FAILURE = 400


@dataclass(slots=True)
class _Tally:
    total: int = 0
    failed: int = 0
    delayed: int = 0
    longest_s: float = 0.0


class Counter:
    """Counts requests by service, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tallies: dict[str, _Tally] = {}

    def count(self, service: str, took_s: float, *, succeeded: bool) -> None:
        """One request ended."""
        with self._lock:
            tally = self._tallies.setdefault(service, _Tally())
            tally.total += 1
            tally.failed += not succeeded
            tally.delayed += succeeded and took_s > DELAYED_ABOVE_S
            tally.longest_s = max(tally.longest_s, took_s)

    def requests(self) -> Requests:
        """All that was counted, services by name."""
        with self._lock:
            rows = tuple(
                ServiceRequests(
                    service=name,
                    total=one.total,
                    failed=one.failed,
                    delayed=one.delayed,
                    longest_s=round(one.longest_s, 4),
                )
                for name, one in sorted(self._tallies.items())
            )
        return Requests(
            total=sum(row.total for row in rows),
            failed=sum(row.failed for row in rows),
            delayed=sum(row.delayed for row in rows),
            delayed_above_s=DELAYED_ABOVE_S,
            by_service=rows,
        )


class Client:
    """One client: asks, counts, waits, asks again.

    Args:
        target: its habit.
        counter: where its requests are counted.
    """

    def __init__(self, target: LoadTarget, counter: Counter) -> None:
        self._target = target
        self._counter = counter
        self._cookie = ""
        self._best = 0

    def ask_for_ever(self) -> None:
        """Keep the period, however long an answer takes."""
        due = time.monotonic()
        while True:
            self.ask_once()
            due = max(due + self._target.period_s, time.monotonic())
            time.sleep(max(0.0, due - time.monotonic()))

    def ask_once(self) -> None:
        """One request, counted once; a lost session is a failed request and a new login."""
        began = time.monotonic()
        if self._target.logs_in and not self._cookie:
            blamed, succeeded = self._log_in()
        else:
            blamed, succeeded = self._ask_patiently(began)
            if not succeeded:
                self._cookie = ""
        self._counter.count(blamed, time.monotonic() - began, succeeded=succeeded)

    def _log_in(self) -> tuple[str, bool]:
        folder = self._target.path.rpartition("/")[0]
        status, headers = self._send("POST", f"{folder}/login")
        self._cookie = headers.get("set-cookie", "").partition(";")[0]
        return self._judge(status)

    def _ask_patiently(self, began: float) -> tuple[str, bool]:
        while True:
            status, _ = self._send(self._target.method, self._target.path)
            blamed, succeeded = self._judge(status)
            if succeeded or time.monotonic() - began >= self._target.patience_s:
                return blamed, succeeded
            time.sleep(RETRY_S)

    def _judge(self, status: int) -> tuple[str, bool]:
        """Whose request it was and whether it succeeded; 0 stands for no answer at all."""
        blamed = self._target.front if status == 0 and self._target.front else self._target.service
        return blamed, OK <= status < FIRST_FAILURE

    def _send(self, method: str, path: str) -> tuple[int, dict[str, str]]:
        """Ask the place that answered last, then the others; the first that takes it decides."""
        places = self._target.places
        headers = {"Cookie": self._cookie} if self._cookie else {}
        for turn in range(len(places)):
            number = (self._best + turn) % len(places)
            address, port = places[number]
            try:
                status, back, _ = ask_whole(address, port, method, path, headers, b"", ANSWER_S)
            except ConnectionRefusedError:
                continue
            except OSError:
                return 0, {}
            self._best = number
            if status >= FIRST_FAILURE and self._target.patience_s and turn + 1 < len(places):
                continue
            return status, back
        return 0, {}
