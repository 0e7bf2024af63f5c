"""The catalogs of distributions, read fast, and the layers that lie on them on this host."""

import functools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from insvc.adapters.wire import from_json
from insvc.catalog.entry import Catalog
from insvc.errors import UnknownName

if TYPE_CHECKING:
    from insvc.catalog.layers import Layer

_DATA: Final = Path(__file__).resolve().parent.parent / "data"
SHIPPED: Final = ("debian", "rpm")
LAYERS: Final = Path("etc/insvc/catalog.d")
"""Where a host keeps its layers, below its root."""


@functools.cache
def shipped(name: str) -> Catalog:
    """The catalog of that family of distributions; its services may be globs.

    Raises:
        UnknownName: there is none of that name.
    """
    if name not in SHIPPED:
        raise UnknownName(
            name, "no catalog is shipped by this name", next_act=f"use one of: {', '.join(SHIPPED)}"
        )
    file = _DATA / f"{name}.json"
    return from_json(Catalog, json.loads(file.read_text(encoding="utf-8")))


def family(root: Path = Path("/")) -> str:
    """Which of them fits the host: `debian` where packages are dpkg's, else `rpm`.

    Hosts with rpm may have dpkg as a tool; its list of packages is empty there.
    """
    try:
        return "debian" if (root / "var/lib/dpkg/status").stat().st_size else "rpm"
    except OSError:
        return "rpm"


def host_layers(root: Path = Path("/")) -> "tuple[Layer, ...]":
    """The layers in /etc/insvc/catalog.d, by file name; none where the folder is not there.

    Raises:
        InputError: a file cannot be read.
        FaultyDocument: a file is no layer, or has faults.
    """
    folder = root / LAYERS
    suffixes = {".yaml", ".yml", ".json"}
    files = sorted(one for one in folder.glob("*") if one.suffix in suffixes)
    if not files:
        return ()
    from insvc.adapters.formats import load, read_text
    from insvc.catalog.layers import Layer

    return tuple(load(Layer, read_text(file), str(file)) for file in files)
