"""Networks between lab hosts: a bridge that lives as long as its owner."""

import os
from types import TracebackType
from typing import Self

from lab.machine import execute

SUBNET = "10.213.{}.{}"


class Network:
    """A bridge on this machine; hosts booted with it reach one another, and nothing else.

    Use it as a context manager: the bridge is gone afterwards.
    """

    def __init__(self) -> None:
        self.name = f"il{os.getpid()}"
        self._next = 1

    def __enter__(self) -> Self:
        execute(["ip", "link", "add", self.name, "type", "bridge"])
        execute(["ip", "link", "set", self.name, "up"])
        execute(["ip", "address", "add", f"{self._address(254)}/24", "dev", self.name])
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        execute(["ip", "link", "delete", self.name], check=False)

    def take_address(self) -> str:
        """The next free address of the network."""
        address = self._address(self._next)
        self._next += 1
        return address

    def _address(self, number: int) -> str:
        return SUBNET.format(os.getpid() % 256, number)
