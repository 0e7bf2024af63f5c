"""One broken law, with the counter-example that shows it."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True, slots=True)
class Violation:
    """What may happen and must not.

    Attributes:
        code: stable, dotted: `law.2`, `plan.structure`, `plan.timeline`, `plan.forecast`,
            `run.records`; `check.undecided` where no counter-example was found, and no proof.
        law: number of the law; 0 where the plan or the records contradict themselves.
        subject: what breaks it: a step, an instance, a host, or the plan.
        at: ids of the steps that together make the instant at which it is broken.
        reason: what may happen then, and what the law wants instead.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    code: str
    law: int
    subject: str
    at: tuple[str, ...] = ()
    reason: str

    def __str__(self) -> str:
        return f"{self.code} {self.subject}: {self.reason}"


def broken(law: int, subject: str, reason: str, *at: str) -> Violation:
    """A violation of that law."""
    return Violation(code=f"law.{law}", law=law, subject=subject, at=at, reason=reason)


def contradiction(kind: str, subject: str, reason: str, *at: str) -> Violation:
    """A violation that needs no law: what was checked contradicts itself."""
    return Violation(code=kind, law=0, subject=subject, at=at, reason=reason)


def undecided(law: int, subject: str, wanted: str) -> Violation:
    """No counter-example, and no proof either: what is not known to be safe is not called safe.

    Args:
        law: its number.
        subject: what was judged.
        wanted: what the law wants, as part of a sentence.
    """
    reason = (
        "it was not decided within the work allowed whether too many may come together: "
        f"{wanted}; hosts that take turns as a whole, or a lower parallel_services, are easier to "
        "judge"
    )
    return Violation(code=UNDECIDED, law=law, subject=subject, reason=reason)


UNDECIDED = "check.undecided"
"""The code where the judge gave up."""
