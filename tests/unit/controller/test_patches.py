"""Packages installed through the agents, and the run that can undo them."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from insvc.adapters.patch_file import add_patch
from insvc.controller.executor import start_run
from insvc.controller.patches import install, patches_of, unclaimed
from insvc.errors import WorldError
from insvc.flow import Patch, observe_cloud
from insvc.patch.installed import InstalledPatch
from tests.fakes.cloud import Scene, host, instance, plan_for, scene, step
from tests.fakes.journal import Killed


@pytest.fixture
def made(tmp_path: Path) -> Scene:
    one = scene(
        [
            host("h1", instance("a", 1, stale=False), instance("b", 2, stale=False)),
            host("h2", instance("a", 3, stale=False)),
        ]
    )
    one.directory = tmp_path
    return one


def put(made: Scene, package: str = "a", version: str = "1.0-3") -> Patch:
    files = {package: (version, f"/{package}_{version}_all.deb")}
    return asyncio.run(install(made.world(), files, progress=made.progress)).patch


def free(made: Scene) -> Patch:
    world = made.world()
    return unclaimed(world, asyncio.run(observe_cloud(world.topology, world.agents)))


def test_packages_go_where_an_older_version_is(made: Scene) -> None:
    patch = put(made)
    assert {name: len(of) for name, of in patch.items()} == {"h1": 1, "h2": 1}
    assert [name for name, _ in made.cloud.installed] == ["h1", "h2"]
    assert made.leases.holder is None
    (written,) = patches_of(made.world())
    assert written.changes == dict(patch)


def test_where_nothing_is_older_nothing_is_done_or_written(made: Scene) -> None:
    assert put(made, version="1.0-1") == {}
    assert (made.cloud.installed, patches_of(made.world())) == ([], ())


def test_a_silent_host_is_named_and_nothing_is_installed(made: Scene) -> None:
    made.cloud.unreachable.add("h2")
    with pytest.raises(WorldError, match="h2: does not answer"):
        put(made)
    assert (made.cloud.installed, made.leases.holder) == ([], None)


def test_a_patch_is_free_until_a_run_takes_it(made: Scene) -> None:
    assert free(made) == {}
    patch = put(made)
    assert free(made) == patch
    plan = plan_for(made.cloud, step("a@h1"))
    asyncio.run(start_run(made.world(), plan, progress=made.progress, patch=free(made)))
    assert free(made) == {}
    made.clock.advance(1.0)
    again = put(made, version="1.0-4")
    assert free(made) == again


def test_two_patches_before_one_run_are_undone_together(made: Scene) -> None:
    put(made)
    made.clock.advance(1.0)
    put(made, version="1.0-4")
    (change,) = free(made)["h2"]
    assert (change.from_version, change.to_version) == ("1.0-2", "1.0-4")


def test_what_was_written_down_and_never_installed_is_not_claimed(made: Scene) -> None:
    put(made)
    (real,) = patches_of(made.world())
    never = replace(real.changes["h1"][0], package="ghost")
    ghost = InstalledPatch(at=made.clock.now(), changes={"h1": (never,)})
    add_patch(made.directory / "controller" / "patches.json", ghost)
    assert {one.package for one in free(made)["h1"]} == {"a"}


def test_a_run_that_never_ended_refuses_packages(made: Scene) -> None:
    made.cloud.kill_after.add("a@h1")
    made.cloud.hosts["h1"] = host("h1", instance("a", 1))
    plan = plan_for(made.cloud, step("a@h1"))
    with pytest.raises(Killed):
        asyncio.run(start_run(made.world(), plan, progress=made.progress))
    made.crash()
    with pytest.raises(WorldError, match="no controller carries it on"):
        put(made)
    assert made.cloud.installed == []
