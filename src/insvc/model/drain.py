"""How a service is asked to finish."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True, slots=True)
class DrainRule:
    """How a service is asked to finish before it ends.

    Attributes:
        signal: name of the signal, "TERM" or "USR1".
        timeout_s: how long outstanding work may take.
        on_timeout: `kill` ends it then; `leave` fails the step and leaves it running.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    signal: str = "TERM"
    timeout_s: float = 10.0
    on_timeout: str = "kill"
