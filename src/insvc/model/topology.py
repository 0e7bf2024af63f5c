"""Hosts and what they are for; who is active is observed, not written here."""

from dataclasses import dataclass, field
from typing import ClassVar

from insvc.model.words import Personality


@dataclass(frozen=True, kw_only=True, slots=True)
class Host:
    """One host of the cloud.

    Attributes:
        name: unique in its topology.
        personality: what the host is for.
        subfunctions: further purposes (a controller that is a worker too).
        address: where its services listen on the management network.
        failure_domain: what fails together with this host; its own name where none is given.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    name: str
    personality: Personality
    subfunctions: tuple[Personality, ...] = ()
    address: str | None = None
    failure_domain: str | None = None

    def serves_as(self, personality: Personality) -> bool:
        """Whether the host has this personality, as its own or as a subfunction."""
        return personality is self.personality or personality in self.subfunctions


@dataclass(frozen=True, kw_only=True, slots=True)
class Topology:
    """The hosts of one cloud, in the order they are named.

    Attributes:
        format: name and version of the file format.
        hosts: every host; at least one.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    format: str = "insvc-topology/1"
    hosts: tuple[Host, ...] = field(default=())

    def host(self, name: str) -> Host:
        """The host of that name.

        Raises:
            KeyError: the topology has no such host.
        """
        for host in self.hosts:
            if host.name == name:
                return host
        raise KeyError(name)
