"""Each intent once: written down before the act, answered from memory when asked again."""

import threading
from dataclasses import replace

from insvc.adapters.ledger_sqlite import SqliteLedger
from insvc.agent.acts import Acts
from insvc.errors import WorldError
from insvc.model.act import ActFacts, Intent

_MARGIN_S = 15.0


class Performer:
    """The acts of one host behind its ledger; any number of threads may ask.

    Args:
        acts: what carries out an intent.
        ledger: the host's memory.
    """

    def __init__(self, acts: Acts, ledger: SqliteLedger) -> None:
        self._acts = acts
        self._ledger = ledger
        self._under_way: dict[tuple[str, str, int], threading.Event] = {}
        self._lock = threading.Lock()

    def perform(self, intent: Intent) -> ActFacts:
        """Carry out an intent once; asked again, answer with what the ledger holds.

        Raises:
            StaleEpoch: the host has seen a newer controller.
        """
        key = (intent.run, intent.step, intent.attempt)
        with self._lock:
            under_way = self._under_way.get(key)
            is_new = under_way is None and self._ledger.begin(intent)
            if is_new:
                under_way = self._under_way[key] = threading.Event()
        if under_way is not None and not is_new:
            self._ledger.raise_epoch(intent.epoch)
            under_way.wait(intent.timeout_s + intent.dwell_s + _MARGIN_S)
        if not is_new:
            return self._ledger.recall(*key) or ActFacts(step=intent.step, said="unknown")
        try:
            facts = self._acts.perform(intent)
            facts = self._remember(intent, facts)
        finally:
            with self._lock:
                self._under_way.pop(key).set()
        return facts

    def _remember(self, intent: Intent, facts: ActFacts) -> ActFacts:
        """Write down how it ended; what was seen is true, even where the disk refuses that."""
        try:
            self._ledger.end(intent, facts)
        except WorldError as fault:
            return replace(facts, said=f"{facts.said}; its end is not written down: {fault}")
        return facts
