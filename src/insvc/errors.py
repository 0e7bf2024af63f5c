"""Every error insvc raises, as a tree.

InsvcError                     exit 1   something this call needed could not be done
├── InputError                 exit 2   an argument, file or format is wrong; nothing was changed
│   ├── FaultyDocument         exit 2   a catalog, topology, … has faults (all of them are listed)
│   ├── UnknownName            exit 2   a name that nothing here is called
│   └── CorruptStore           exit 2   a journal or ledger that cannot be trusted
├── PlanRefused                exit 4   no plan can satisfy the laws, the facts and the policy
│   ├── NeedsLock              exit 4   only a lock would allow it, and the policy allows none
│   ├── OverBudget             exit 4   more instances would be down than the policy allows
│   └── UnsafePlan             exit 4   a plan was made that would, or might, break a law
├── PlanOutdated               exit 4   what runs is no longer what the plan was made for
├── RunFailed                  exit 5   a run ended without reaching its goal
├── RunInterrupted             exit 130 a person stopped the run; it can be resumed
└── WorldError                 exit 6   the machine refused: a process, socket, package or agent
    ├── AgentUnreachable       exit 6   a host's agent does not answer
    └── StaleEpoch             exit 6   a newer controller holds the lease

An exception means that this call cannot go on. A finding (a lint fault, a failed step) is a value
in a report. Each error names its subject, what was found and expected, and the next act.
"""

from typing import ClassVar


class InsvcError(Exception):
    """This call could not be completed.

    Args:
        subject: the object the error is about, as its user names it.
        reason: what was found, and what was expected instead.
        next_act: what the reader can do now.

    Attributes:
        code: stable, dotted; documented in `docs/errors.md`.
        exit_code: what a command ends with.
        override: the option with which an operator may insist, where there is one.
    """

    code: ClassVar[str] = "insvc.failed"
    exit_code: ClassVar[int] = 1
    override: ClassVar[str | None] = None

    def __init__(self, subject: str, reason: str, *, next_act: str) -> None:
        super().__init__(subject, reason)
        self.subject = subject
        self.reason = reason
        self.next_act = next_act

    def __str__(self) -> str:
        return f"{self.subject}: {self.reason}"


class InputError(InsvcError):
    """An argument, a file or a format is wrong; nothing was changed."""

    code = "input.invalid"
    exit_code = 2


class FaultyDocument(InputError):
    """A document has faults; `faults` holds every one of them as one line each."""

    code = "input.faulty-document"

    def __init__(self, subject: str, faults: tuple[str, ...], *, next_act: str) -> None:
        noun = "fault" if len(faults) == 1 else "faults"
        super().__init__(subject, f"{len(faults)} {noun} found, none expected", next_act=next_act)
        self.faults = faults


class UnknownName(InputError):
    """A name that nothing here is called."""

    code = "input.unknown-name"


class CorruptStore(InputError):
    """A journal or ledger that cannot be trusted; it was left as it was found."""

    code = "store.corrupt"


class PlanRefused(InsvcError):
    """No plan can satisfy the laws, the observed facts and the policy together."""

    code = "plan.infeasible"
    exit_code = 4


class NeedsLock(PlanRefused):
    """Something may be restarted on a locked host only, and the policy allows no lock."""

    code = "plan.needs-lock"
    override = "--allow-lock"


class OverBudget(PlanRefused):
    """More instances of a service would be down at once than the policy allows."""

    code = "plan.capacity"
    override = "--max-unavailable N"


class UnsafePlan(PlanRefused):
    """A plan was made, and to carry it out would, or might, break a law; nothing was done."""

    code = "plan.unsafe"


class PlanOutdated(InsvcError):
    """What runs is no longer what the plan was made for."""

    code = "plan.outdated"
    exit_code = 4


class RunFailed(InsvcError):
    """A run ended without reaching its goal."""

    code = "run.failed"
    exit_code = 5


class RunInterrupted(InsvcError):
    """A person stopped the run after the step in hand; it can be resumed."""

    code = "run.interrupted"
    exit_code = 130


class WorldError(InsvcError):
    """The machine refused: a process, a socket, a package or an agent."""

    code = "world.refused"
    exit_code = 6


class AgentUnreachable(WorldError):
    """A host's agent does not answer; what it was asked to do is unknown."""

    code = "agent.unreachable"


class StaleEpoch(WorldError):
    """A newer controller holds the lease; this one must stop."""

    code = "lease.stale-epoch"


def describe(fault: InsvcError) -> str:
    """The error as an operator reads it: object, found, expected, next act."""
    lines = [f"error[{fault.code}] {fault.subject}: {fault.reason}"]
    if isinstance(fault, FaultyDocument):
        lines += [f"  {line}" for line in fault.faults]
    lines.append(f"  next: {fault.next_act}")
    if fault.override:
        lines.append(f"  insist: {fault.override}")
    return "\n".join(lines)
