"""What interfaces and addresses of this machine do, told as it happens."""

import socket
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress

from insvc.adapters.netlink import RouteEvents, everything
from insvc.supervise.netlink import Kind, Message, address, link

PRESENT, GONE = "present", "gone"
_SUBJECTS = ("interface", "address")


class Interfaces:
    """Follows interfaces and addresses in a thread of its own.

    Args:
        told: called with the states of what changed, by subject; in that thread.
        known: which subjects have a state so far; what is not there any more is told as gone.
    """

    def __init__(
        self, told: Callable[[Mapping[str, str]], None], known: Callable[[], Collection[str]]
    ) -> None:
        self._told = told
        self._known = known
        self._names: dict[int, str] = {}
        self._thread: threading.Thread | None = None

    def keep_listening(self) -> str | None:
        """Listen if nobody does; answers with why that is not possible.

        It begins with a look at everything, so that what changed meanwhile is told.
        """
        if self._thread is not None and self._thread.is_alive():
            return None
        try:
            events = RouteEvents()
        except OSError as fault:
            return f"interfaces: {fault.strerror or fault}"
        self._thread = threading.Thread(target=self._listen, args=(events,), daemon=True)
        self._thread.start()
        return None

    def look(self) -> dict[str, str]:
        """The states of all there is, and of all that was known and is gone.

        Raises:
            OSError: the kernel refuses.
        """
        found = self.states([*everything(Kind.GET_LINK), *everything(Kind.GET_ADDRESS)])
        mine = (one for one in self._known() if one.partition(" ")[0] in _SUBJECTS)
        return {one: GONE for one in mine if one not in found} | found

    def states(self, messages: Iterable[Message]) -> dict[str, str]:
        """What these messages say, the last word of each subject."""
        found = {}
        for message in messages:
            one = link(message)
            if one is not None:
                self._names[one.index] = one.name
                found[f"interface {one.name}"] = one.state
            placed = address(message)
            if placed is not None:
                subject = f"address {placed.text} on {self._name(placed.index)}"
                found[subject] = GONE if placed.is_gone else PRESENT
        return found

    def _listen(self, events: RouteEvents) -> None:
        with suppress(OSError):
            self._told(self.look())
            while True:
                heard = events.wait()
                # What the kernel had to drop is seen by looking at everything.
                self._told(self.look() if heard is None else self.states(heard))
        events.close()

    def _name(self, index: int) -> str:
        if index not in self._names:
            with suppress(OSError):
                self._names[index] = socket.if_indextoname(index)
        return self._names.get(index, str(index))
