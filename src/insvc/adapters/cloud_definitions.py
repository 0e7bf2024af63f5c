"""What the hosts of a cloud on this machine define beyond what a catalog knows."""

from collections.abc import Iterator
from pathlib import Path

from insvc.adapters.definitions import FOLDER, read_definitions
from insvc.adapters.pmon_d import read_folder
from insvc.catalog.entry import Catalog
from insvc.model.topology import Topology
from insvc.model.words import Manager
from insvc.supervise import pmon_d
from insvc.supervise.discovered import Found


def undescribed(cloud: Path, topology: Topology, catalog: Catalog) -> Iterator[Found]:
    """The definitions of services that no entry has. A faulty file is its manager's to tell.

    Files are read only where one of them has a name that the catalog does not know, since this is
    done at each command.

    Args:
        cloud: the cloud's folder.
        topology: its hosts.
        catalog: what is known by people.
    """
    known = {one.name for entry in catalog.entries for one in entry.services}
    for host in topology.hosts:
        root = cloud / "hosts" / host.name / "root"
        if _stems(root / FOLDER, "*.json") <= known and not _stems(root / pmon_d.FOLDER, "*.conf"):
            continue
        packaged, _ = read_definitions(root, frozenset(Manager))
        own = read_folder(root, packaged).definitions
        for definition in (*packaged.values(), *own.values()):
            if definition.name not in known:
                yield Found(host.personality, definition)


def _stems(folder: Path, pattern: str) -> set[str]:
    return {one.stem for one in folder.glob(pattern)}
