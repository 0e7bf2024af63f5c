"""What a patch would leave stale, told before it is installed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from insvc.adapters.deb_files import available, kept
from insvc.adapters.host_packages import NO_DATABASE
from insvc.adapters.wire import to_json
from insvc.errors import WorldError
from insvc.inspect.ahead import would_be_left, would_become_stale
from insvc.inspect.forecast import forecast
from insvc.model.observation import Observation
from insvc.patch.changes import plan_changes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from insvc.inspect.ahead import AheadOfTime


def ahead_of_cloud(observation: Observation, files: Iterable[Path], *, as_json: bool) -> str:
    """What the patch would do to a cloud's instances, which know their packages.

    Raises:
        InputError: a file is no package.
    """
    installed = {host.host: host.packages for host in observation.hosts}
    changes = plan_changes(installed, available(files), allow_older=True)
    return _said(observation, would_become_stale(observation, changes), (), as_json=as_json)


def ahead_of_here(files: Iterable[Path], *, as_json: bool) -> str:
    """What the patch would do to what runs on this machine, by the very files that are loaded.

    Raises:
        InputError: a file is no package.
        WorldError: the machine has no package database, or it cannot be read.
    """
    from insvc.here import Here

    here = Here()
    if here.packages is None:
        raise WorldError(here.name, NO_DATABASE, next_act="scan after the patch is installed")
    installed, there = here.packages.installed(), available(files)
    changes = plan_changes({here.name: installed}, there, allow_older=True).get(here.name, ())
    same = {path for one in changes for path in kept(one.package, Path(one.path))}
    seen = here.machine.ahead(here.packages, changes, same)
    ahead = would_be_left(seen, changes)
    absent = [name for name in there if name not in installed]
    return _said(Observation(hosts=(seen,)), ahead, absent, as_json=as_json)


def _said(
    observation: Observation,
    ahead: Sequence[AheadOfTime],
    absent: Sequence[str],
    *,
    as_json: bool,
) -> str:
    if as_json:
        return json.dumps({"ahead": to_json(ahead)}, indent=2) + "\n"
    return "\n".join(forecast(observation, ahead, absent)) + "\n"
