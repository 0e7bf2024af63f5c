"""What a patch would make stale, in an operator's words."""

from collections.abc import Sequence

from insvc.inspect.ahead import AheadOfTime, Effect
from insvc.model.observation import Observation

_WORDS = {
    Effect.STALE: "would run replaced code",
    Effect.NEXT_RUN: "would use the new code at its next run",
    Effect.NEXT_START: "does not run; would start with the new code",
    Effect.UNKNOWN: "not known: what it does now could not be found out",
}


def forecast(
    observation: Observation, ahead: Sequence[AheadOfTime], absent: Sequence[str] = ()
) -> tuple[str, ...]:
    """The lines an operator reads before a patch is installed.

    Args:
        observation: what was seen.
        ahead: what the patch would do, in the observation's order.
        absent: packages of the patch that are not installed.
    """
    width = max((len(one.service) for one in ahead), default=0)
    lines: list[str] = []
    for host in observation.hosts:
        if not host.reachable:
            lines += [f"{host.host}  DOES NOT ANSWER: nothing is known of it", ""]
            continue
        of_host = [one for one in ahead if one.host == host.host]
        if of_host:
            lines += [host.host, *(_line(one, width) for one in of_host), ""]
        lines += [f"NOT SEEN: {line}" for line in host.unseen]
    lines += [f"{name} is not installed here: nothing runs what it replaces" for name in absent]
    return (*lines, _conclusion(observation, ahead))


def _line(one: AheadOfTime, width: int) -> str:
    change = f"{one.package} {one.from_version or 'version unknown'} → {one.to_version}"
    return f"  {one.service:{width}}  {change}  {_WORDS[one.effect]}"


def _conclusion(observation: Observation, ahead: Sequence[AheadOfTime]) -> str:
    stale = sum(one.effect is Effect.STALE for one in ahead)
    noun = "instance" if stale == 1 else "instances"
    silent = [host.host for host in observation.hosts if not host.reachable]
    unknown = f"; NOTHING IS KNOWN of {', '.join(silent)}" if silent else ""
    return (
        f"This patch would leave {stale} {noun} with replaced code{unknown}. Nothing was changed."
    )
