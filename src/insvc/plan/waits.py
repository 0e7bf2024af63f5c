"""Why one step waits for others, and which of these waits say nothing new."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from insvc.plan.task import Placed


@dataclass(frozen=True, kw_only=True, slots=True)
class Wait:
    """One step that comes first.

    Attributes:
        step: its id.
        end_s: when it ends.
        why: the law.
        soak_s: the pause after it.
    """

    step: str
    end_s: float
    why: str
    soak_s: float = 0.0


@dataclass(slots=True)
class Waits:
    """What one step waits for: a wait is told once, with every reason."""

    why: dict[str, str] = field(default_factory=dict)
    _soaks_s: dict[str, float] = field(default_factory=dict)

    def add(self, wait: Wait) -> None:
        """One more reason to wait."""
        self.why[wait.step] = join(self.why.get(wait.step), wait.why)
        if wait.soak_s > 0:
            self._soaks_s[wait.step] = max(wait.soak_s, self._soak_after_s(wait.step))

    def leave_out_implied(self, gated: Mapping[str, str], placed: Mapping[str, Placed]) -> None:
        """Keep what no other wait implies, pauses included, and add the gates."""
        implied: set[str] = set()
        for other in {**self.why, **gated}:
            implied.update(self._implied_by(placed[other]))
        kept = {
            step: why for step, why in self.why.items() if step not in gated and step not in implied
        }
        self.why = {**gated, **kept}

    def soak_s(self) -> float:
        """The pause after the last of them."""
        return max(map(self._soak_after_s, self.why), default=0.0)

    def _implied_by(self, peer: Placed) -> Iterable[str]:
        """What the peer waits for with a pause at least as long."""
        return [step for step in peer.after if self._soak_after_s(step) <= peer.soak_s]

    def _soak_after_s(self, step: str) -> float:
        return self._soaks_s.get(step, 0.0)


def join(why: str | None, other: str) -> str:
    """Both reasons for one wait."""
    return other if why in {None, other} else f"{why}, {other}"
