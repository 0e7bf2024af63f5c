"""What those who work for an engine need of it."""

from collections.abc import Callable, MutableMapping
from typing import Protocol

from insvc.adapters.launcher import Launcher
from insvc.adapters.pidfd import Held
from insvc.agent.loop import Loop
from insvc.supervise.unit import Event, Unit


class Within(Protocol):
    """The engine, as its hands see it."""

    clock: Callable[[], float]
    loop: Loop
    launcher: Launcher
    held: dict[str, Held]

    @property
    def units(self) -> MutableMapping[str, Unit]:
        """What is known of each service."""
        ...

    def feed(self, name: str, event: Event) -> None:
        """Let an event happen to a service now."""
        ...

    def later(self, name: str, event: Event) -> None:
        """Let an event happen to a service after the one in hand."""
        ...

    def hold(self, name: str, held: Held) -> None:
        """Watch the main process of a service."""
        ...

    def watch(self, name: str, held: Held) -> None:
        """Let the end of a process of the service be met."""
        ...
