"""Install package files host by host, and know afterwards what to undo."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from insvc.adapters.patch_file import add_patch, read_patches
from insvc.controller.runs import outline_run
from insvc.controller.second import make_way, merges, open_run
from insvc.controller.world import World
from insvc.errors import WorldError
from insvc.execute.records import patch_asked
from insvc.flow import Patch, install_patch, observe_cloud
from insvc.model.observation import Observation
from insvc.patch.changes import plan_changes
from insvc.patch.installed import Changes, InstalledPatch, combine, covers, still_there
from insvc.ports import Progress


def patches_of(world: World) -> tuple[InstalledPatch, ...]:
    """Every patch that was installed through this cloud's agents, oldest first.

    Raises:
        CorruptStore: the file that tells them cannot be trusted.
    """
    return read_patches(_file(world))


def note_patch(world: World, patch: InstalledPatch) -> None:
    """Write down what is about to be installed.

    Raises:
        CorruptStore: the file that tells of patches cannot be trusted.
        WorldError: it cannot be written.
    """
    add_patch(_file(world), patch)


@dataclass(frozen=True, kw_only=True, slots=True)
class Installation:
    """What became of packages that were to be installed.

    Attributes:
        patch: the changes by host; empty where no host has an older version.
        left_to: the open run that installs them after its own steps; absent where they are in
            place now.
    """

    patch: Patch
    left_to: str | None = None


async def install(
    world: World, files: Mapping[str, tuple[str, str]], *, progress: Progress
) -> Installation:
    """Install these packages wherever an older version is installed. Nothing is restarted.

    While a run is open its policy decides: they are refused, wait, or are left to that run.

    Args:
        world: the cloud.
        files: for each package its version and its file.
        progress: told of each host.

    Raises:
        WorldError: a run is open and its policy refuses; a host does not answer or refused.
    """
    host_run = open_run(world)
    if host_run is not None and merges(world, host_run):
        return await _leave_to(world, host_run.run, files)
    await make_way(world, progress)
    epoch = world.lease.acquire()
    try:
        changes = await _changes(world, files)
        if changes:
            # Before the act: a crash between two hosts must not lose what was there.
            note_patch(world, InstalledPatch(at=world.clock.now(), changes=dict(changes)))
            await install_patch(world.topology, world.agents, changes, epoch, progress)
    finally:
        world.lease.release()
    return Installation(patch=changes)


async def _leave_to(world: World, run: str, files: Mapping[str, tuple[str, str]]) -> Installation:
    changes = await _changes(world, files)
    if changes:
        world.journal.append(run, 0, patch_asked(changes, at=world.clock.now()))
    return Installation(patch=changes, left_to=run)


async def _changes(world: World, files: Mapping[str, tuple[str, str]]) -> Changes:
    seen = await observe_cloud(world.topology, world.agents)
    _require_answers(seen)
    return plan_changes(_installed(seen), files)


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
    return outline_run(world, run).patch


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
