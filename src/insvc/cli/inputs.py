"""What several commands work from: a catalog, and a cloud that runs or was written down."""

import asyncio
from pathlib import Path

from insvc.adapters.catalog_files import builtin, load_catalog
from insvc.adapters.formats import load, read_text
from insvc.adapters.places import world_directory
from insvc.bootstrap import connect
from insvc.catalog.entry import Catalog
from insvc.controller.world import World
from insvc.errors import InputError
from insvc.flow import observe_cloud
from insvc.model.observation import Observation
from insvc.model.topology import Topology
from insvc.plan.policy import Policy


def choose_catalog(path: Path | None, page: Path | None, world: World | None = None) -> Catalog:
    """The catalog at that path or made from that page; the world's own where neither is given.

    Layers at that path lie on the world's own catalog, or on the built-in one without a world.

    Raises:
        InputError: both are given.
    """
    if path is not None and page is not None:
        raise InputError(
            "--catalog and --page",
            "both say what is known; one of them is expected",
            next_act="leave one of them out",
        )
    chosen = path or page
    below = builtin("titanium") if world is None else world.catalog
    return below if chosen is None else load_catalog(chosen, below)


def choose_policy(path: Path | None, world: World | None = None) -> Policy:
    """The policy in that file; the world's own where none is given."""
    if path is not None:
        return load(Policy, read_text(path), str(path))
    return Policy() if world is None else world.policy


def look_at(
    cloud: Path | None, topology: Path | None, observation: Path | None
) -> tuple[Topology, Observation, World | None]:
    """The hosts and what was seen on them: from the files, or from the cloud, which comes along.

    Raises:
        InputError: one file without the other, or files beside a cloud.
    """
    if topology is not None and observation is not None:
        if cloud is not None:
            raise InputError(
                "--cloud",
                "was given beside --topology and --observation; one or the other is expected",
                next_act="leave out --cloud to work from the files",
            )
        hosts = load(Topology, read_text(topology), str(topology))
        return hosts, load(Observation, read_text(observation), str(observation)), None
    if topology is not None or observation is not None:
        missing = "--observation" if observation is None else "--topology"
        raise InputError(
            missing,
            "is missing; to work from files takes --topology and --observation",
            next_act=f"add {missing} FILE (`insvc scan --json` writes an observation)",
        )
    world = connect(world_directory(cloud))
    return world.topology, asyncio.run(observe_cloud(world.topology, world.agents)), world
