"""What `insvc scan` does, once its arguments are read.

Imports are late on purpose: a scan of this machine ends before anybody waits for it.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

from insvc.adapters.places import host_directory, world_directory
from insvc.errors import AgentUnreachable, UnknownName

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from insvc.model.observation import Observation
    from insvc.model.topology import Topology

EXIT_STALE = 3
EXIT_UNKNOWN = AgentUnreachable.exit_code
FLAGS: Mapping[str, str] = {
    "--all": "everything",
    "--brief": "brief",
    "--exit-code": "exit_code",
    "--explain": "explains",
    "--json": "as_json",
}
"""Arguments that have no value, and what they are called here."""
_LOCAL = "--local"


class Wanted(NamedTuple):
    """What was asked for.

    Attributes:
        cloud: directory of what is scanned: a cloud's, or this very machine's.
        hosts: the hosts of it; all of them where none is named.
        everything: also what is current.
        explains: every sign, and what it means.
        brief: the conclusion alone.
        as_json: the document.
        output: where the document is written, too.
        exit_code: whether the exit code says what was found.
        files: package files of which is told what they would make stale.
    """

    cloud: Path | None = None
    hosts: tuple[str, ...] = ()
    everything: bool = False
    explains: bool = False
    brief: bool = False
    as_json: bool = False
    output: Path | None = None
    exit_code: bool = False
    files: tuple[Path, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether everything must be looked at, also what is current."""
        return self.everything or self.as_json or self.output is not None or bool(self.files)


def plainly_wanted(words: Sequence[str]) -> Wanted | None:
    """What a scan whose arguments are all flags wants; nothing where it is no such command line."""
    if not words or words[0] != "scan":
        return None
    flags = words[1:]
    if any(word not in FLAGS and word != _LOCAL for word in flags):
        return None
    cloud = host_directory() if _LOCAL in flags else None
    given: dict[str, Any] = {FLAGS[word]: True for word in flags if word != _LOCAL}
    return Wanted(cloud=cloud, **given)


def scan(wanted: Wanted, *, is_alone: bool = False) -> tuple[str, int]:
    """Look, and answer with what is said of it and with the exit code.

    Args:
        wanted: what was asked for.
        is_alone: whether this process has one thread, so that a child may look at half of much.

    Raises:
        InsvcError: it cannot be looked at, or a file cannot be read or written.
    """
    observation = _observe(wanted, is_alone=is_alone)
    if wanted.output is not None:
        from insvc.adapters.report_files import write_text

        write_text(wanted.output, _document(observation))
    is_blind = not any(host.reachable for host in observation.hosts)
    status = _exit_code(observation) if wanted.exit_code or is_blind else 0
    return _text(observation, wanted), status


def _text(observation: Observation, wanted: Wanted) -> str:
    from insvc.inspect.summary import conclusion, summary

    if wanted.files:
        return _ahead_text(observation, wanted)
    if wanted.as_json:
        return _document(observation)
    if wanted.brief:
        return "\n".join(conclusion(observation)) + "\n"
    lines = summary(observation, everything=wanted.everything, explains=wanted.explains)
    return "\n".join(lines) + "\n"


def _observe(wanted: Wanted, *, is_alone: bool) -> Observation:
    """What was seen, with the cures that the catalog knows where somebody reads them."""
    directory = world_directory(wanted.cloud)
    if directory == host_directory():
        return _observe_here(wanted, is_alone=is_alone)
    import asyncio

    from insvc.bootstrap import connect
    from insvc.flow import observe_cloud
    from insvc.plan.cure import with_cures

    world = connect(directory)
    looking = observe_cloud(_chosen(world.topology, wanted.hosts), world.agents)
    return with_cures(asyncio.run(looking), world.catalog)


def _observe_here(wanted: Wanted, *, is_alone: bool) -> Observation:
    from insvc.here import Here
    from insvc.model.observation import Observation

    here = Here(is_alone=is_alone)
    _require_host(here.name, wanted.hosts)
    seen = here.observe(time.time(), everything=wanted.is_whole)
    found = Observation(hosts=(seen,))
    if not seen.instances or (wanted.brief and not wanted.is_whole):
        return found
    from insvc.plan.cure import with_cures

    return with_cures(found, here.catalog(seen))


def _document(observation: Observation) -> str:
    import json

    from insvc.adapters.wire import to_json

    return json.dumps(to_json(observation), indent=2, ensure_ascii=False) + "\n"


def _ahead_text(observation: Observation, wanted: Wanted) -> str:
    """What the patch would do, as text or JSON."""
    from insvc.cli.ahead import ahead_of_cloud, ahead_of_here

    if world_directory(wanted.cloud) == host_directory():
        return ahead_of_here(wanted.files, as_json=wanted.as_json)
    return ahead_of_cloud(observation, wanted.files, as_json=wanted.as_json)


def _exit_code(observation: Observation) -> int:
    from insvc.inspect.summary import is_complete

    if observation.stale():
        return EXIT_STALE
    return 0 if is_complete(observation) else EXIT_UNKNOWN


def _require_host(name: str, hosts: tuple[str, ...]) -> None:
    for other in hosts:
        if other != name:
            raise UnknownName(other, f"this machine is {name}", next_act="leave --host out")


def _chosen(topology: Topology, names: tuple[str, ...]) -> Topology:
    """The topology narrowed to those hosts; all of them where none is named."""
    from dataclasses import replace

    known = [host.name for host in topology.hosts]
    for name in names:
        if name not in known:
            raise UnknownName(
                name,
                "no host of this cloud is called so",
                next_act=f"use one of: {', '.join(known)}",
            )
    hosts = tuple(host for host in topology.hosts if not names or host.name in names)
    return replace(topology, hosts=hosts)
