"""The catalogs of distributions, read fast, and the layers that lie on them on this host."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from insvc.errors import UnknownName

if TYPE_CHECKING:
    from collections.abc import Iterable

    from insvc.catalog.entry import Catalog
    from insvc.catalog.layers import Layer

_WILD: Final = re.compile(r"[*?[]")
_DATA: Final = Path(__file__).resolve().parent.parent / "data"
SHIPPED: Final = ("debian", "rpm")
COPIED: Final = (*SHIPPED, "titanium")
"""What can be read fast: those of distributions, and the operators' page of StarlingX."""
LAYERS: Final = Path("etc/insvc/catalog.d")
"""Where a host keeps its layers, below its root."""


@functools.cache
def shipped(name: str) -> Catalog:
    """The catalog of that family of distributions, or `titanium`; its services may be globs.

    Raises:
        UnknownName: there is none of that name.
    """
    return _catalog(_document(name))


def shipped_for(name: str, services: Iterable[str]) -> Catalog:
    """The same with those entries alone that may be of these services.

    Raises:
        UnknownName: there is none of that name.
    """
    names = tuple(one for service in services for one in (service, f"{service}.service"))
    document = _document(name)
    fitting = [entry for entry in document["entries"] if _may_fit(entry, names)]
    return _catalog(document | {"entries": fitting})


def _catalog(document: dict[str, Any]) -> Catalog:
    from insvc.adapters.wire import from_json
    from insvc.catalog.entry import Catalog

    return from_json(Catalog, document)


def _may_fit(entry: dict[str, Any], names: tuple[str, ...]) -> bool:
    """Whether some name begins as a service of the entry does, up to its first wild sign."""
    heads = [_WILD.split(service["name"], maxsplit=1)[0] for service in entry["services"]]
    return any(name.startswith(head) for head in heads for name in names)


def _document(name: str) -> dict[str, Any]:
    import json

    if name not in COPIED:
        raise UnknownName(
            name, "no catalog is shipped by this name", next_act=f"use one of: {', '.join(COPIED)}"
        )
    found = json.loads((_DATA / f"{name}.json").read_text(encoding="utf-8"))
    return cast("dict[str, Any]", found)


def family(root: Path = Path("/")) -> str:
    """Which of them fits the host: `debian` where packages are dpkg's, else `rpm`.

    Hosts with rpm may have dpkg as a tool; its list of packages is empty there.
    """
    try:
        return "debian" if (root / "var/lib/dpkg/status").stat().st_size else "rpm"
    except OSError:
        return "rpm"


def host_layers(root: Path = Path("/")) -> tuple[Layer, ...]:
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
