"""What was loaded when the machine was booted, and which only another boot replaces."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from insvc.inspect.evidence import Finding
from insvc.inspect.verdict import judge
from insvc.model.observation import Evidence, Instance
from insvc.model.words import EvidenceKind, InstanceState, Manager

REQUEST: Final = "/run/reboot-required"
"""Where packages leave word that they want the machine to be booted anew."""

_MOST_NAMED = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class BootAccount:
    """What is known of one thing that is loaded at boot, or of all of them.

    Attributes:
        instances: the kernel, the microcode, and the wish for a boot.
        unseen: what could not be told though it matters, one line each.
        beyond: what cannot be told from within this machine and is no fault of it; nobody has to
            act on it.
    """

    instances: tuple[Instance, ...] = ()
    unseen: tuple[str, ...] = ()
    beyond: tuple[str, ...] = ()


def joined(accounts: Iterable[BootAccount]) -> BootAccount:
    """All of them as one."""
    told = list(accounts)
    return BootAccount(
        instances=tuple(one for account in told for one in account.instances),
        unseen=tuple(line for account in told for line in account.unseen),
        beyond=tuple(line for account in told for line in account.beyond),
    )


def loaded(service: str, finding: Finding | None = None) -> Instance:
    """What was loaded at boot, as an instance that runs and that no manager starts.

    Args:
        service: what it is called.
        finding: the sign that something else would be loaded now; absent where nothing would.
    """
    findings = () if finding is None else (finding,)
    return Instance(
        service=service,
        manager=Manager.NONE,
        verdict=judge(findings, InstanceState.RUNNING),
        evidence=tuple(one.evidence for one in findings),
    )


def request(packages: str) -> Instance:
    """That packages want the machine to be booted.

    Args:
        packages: their names, one a line; empty where they did not leave any.
    """
    names = list(dict.fromkeys(name for line in packages.splitlines() if (name := line.strip())))
    named = ", ".join(name for name in names[:_MOST_NAMED] if name.isprintable())
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    found = f"a reboot is asked for by {named}{more}" if named else "a reboot is asked for"
    evidence = Evidence(kind=EvidenceKind.REQUESTED, subject=REQUEST, found=found)
    return loaded("reboot", Finding(evidence, is_proof=False))
