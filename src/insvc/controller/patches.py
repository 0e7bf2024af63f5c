"""Install package files host by host, and know afterwards what to undo."""

from collections.abc import Mapping
from pathlib import Path

from insvc.adapters.patch_file import add_patch, read_patches
from insvc.controller.runs import read_run
from insvc.controller.second import make_way
from insvc.controller.world import World
from insvc.errors import WorldError
from insvc.flow import Patch, install_patch, observe_cloud
from insvc.model.observation import Observation
from insvc.patch.changes import plan_changes
from insvc.patch.installed import InstalledPatch, combine, covers, still_there
from insvc.ports import Progress


def patches_of(world: World) -> tuple[InstalledPatch, ...]:
    """Every patch that was installed through this cloud's agents, oldest first.

    Raises:
        CorruptStore: the file that tells them cannot be trusted.
    """
    return read_patches(_file(world))


async def install(
    world: World, files: Mapping[str, tuple[str, str]], *, progress: Progress
) -> Patch:
    """Install these packages wherever an older version is installed. Nothing is restarted.

    Args:
        world: the cloud.
        files: for each package its version and its file.
        progress: told of each host.

    Returns:
        What was installed, by host; empty where no host has an older version.

    Raises:
        WorldError: a run is open and its policy refuses; a host does not answer or refused.
    """
    await make_way(world, progress)
    epoch = world.lease.acquire()
    try:
        seen = await observe_cloud(world.topology, world.agents)
        _require_answers(seen)
        changes = plan_changes(_installed(seen), files)
        if changes:
            # Before the act: a crash between two hosts must not lose what was there.
            add_patch(_file(world), InstalledPatch(at=world.clock.now(), changes=changes))
            await install_patch(world.topology, world.agents, changes, epoch, progress)
    finally:
        world.lease.release()
    return changes


def unclaimed(world: World, seen: Observation) -> Patch:
    """What was installed and belongs to no run yet, as far as it is still in place.

    Args:
        world: the cloud.
        seen: what every host looks like now.

    Raises:
        CorruptStore: the journal or the file of patches cannot be trusted.
    """
    patches = patches_of(world)
    if not patches:
        return {}
    claims = [
        (one.created_at, _patch_of(world, one.run))
        for one in world.journal.runs()
        if one.created_at >= patches[0].at
    ]
    free = [
        patch
        for patch in patches
        if not any(at >= patch.at and covers(claimed, patch) for at, claimed in claims)
    ]
    return still_there(combine(free), _installed(seen))


def _patch_of(world: World, run: str) -> Patch:
    return read_run(world, run).patch


def _installed(seen: Observation) -> dict[str, dict[str, str]]:
    return {host.host: host.packages for host in seen.hosts if host.reachable}


def _require_answers(seen: Observation) -> None:
    silent = [host.host for host in seen.hosts if not host.reachable]
    if silent:
        raise WorldError(
            ", ".join(silent),
            "does not answer, so what is installed there is not known; nothing was installed",
            next_act="bring its agent back, then install again",
        )


def _file(world: World) -> Path:
    return world.directory / "controller" / "patches.json"
