"""Why one step waits for others, and which of these waits say nothing new."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from insvc.plan.needs import Need
from insvc.plan.task import Placed


@dataclass(frozen=True, kw_only=True, slots=True)
class Wait:
    """One step that comes first.

    Attributes:
        step: its id.
        end_s: when it ends.
        why: the law.
        soak_s: the pause after it; the same for every step of the service, or of the host, that
            waits for it, as `by_host` says.
        by_host: the pause belongs to the turn of a host.
    """

    step: str
    end_s: float
    why: str
    soak_s: float = 0.0
    by_host: bool = False


@dataclass(slots=True)
class Waits:
    """What one step waits for: a wait is told once, with every reason."""

    why: dict[str, str] = field(default_factory=dict)
    _service_soak_s: dict[str, float] = field(default_factory=dict)
    _host_soak_s: dict[str, float] = field(default_factory=dict)

    def add(self, wait: Wait) -> None:
        """One more reason to wait."""
        self.why[wait.step] = join(self.why.get(wait.step), wait.why)
        if wait.soak_s > 0:
            soaks_s = self._host_soak_s if wait.by_host else self._service_soak_s
            soaks_s[wait.step] = max(wait.soak_s, soaks_s.get(wait.step, wait.soak_s))

    def leave_out_implied(
        self, need: Need, gated: Mapping[str, str], placed: Mapping[str, Placed]
    ) -> None:
        """Keep what no other wait implies, pauses included, and add the gates."""
        implied: set[str] = set()
        for other in {**self.why, **gated}:
            peer = placed[other]
            behind = self._implied_by(peer.task.need, need, peer.after)
            implied.update(behind)
        kept = {
            step: why for step, why in self.why.items() if step not in gated and step not in implied
        }
        self.why = {**gated, **kept}

    def soak_s(self) -> float:
        """The pause after the last of them."""
        both = (self._service_soak_s, self._host_soak_s)
        soaks_s = [one[step] for one in both for step in self.why if step in one]
        return max(soaks_s, default=0.0)

    def _implied_by(self, peer: Need, need: Need, after: Iterable[str]) -> Iterable[str]:
        """What the peer waits for with a pause at least as long."""
        return [
            step
            for step in after
            if (step not in self._service_soak_s or peer.service == need.service)
            and (step not in self._host_soak_s or peer.host == need.host)
        ]


def join(why: str | None, other: str) -> str:
    """Both reasons for one wait."""
    return other if why in {None, other} else f"{why}, {other}"
