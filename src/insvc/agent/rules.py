"""What tells one manager from another: how it thinks."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from insvc.supervise.unit import Do, Duty, Event, Unit


class Rules(NamedTuple):
    """How a manager thinks; pure.

    Attributes:
        first_state: the word for a service that is down.
        advance: one event in the life of a service.
        decide: the events by which what runs becomes what is wanted.
        relax: the duty after what it was waiting for has happened.
        is_each_alone: what is decided for a service hangs on that service alone.
    """

    first_state: str
    advance: Callable[[Unit, Event, float], tuple[Unit, tuple[Do, ...]]]
    decide: Callable[[Duty, Mapping[str, Unit]], tuple[tuple[str, Event], ...]]
    relax: Callable[[Duty, Mapping[str, Unit]], Duty] = lambda duty, _: duty
    is_each_alone: bool = False
