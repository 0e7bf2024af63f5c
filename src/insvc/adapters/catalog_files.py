"""Catalogs on disk: the built-in ones, single files, folders of layers."""

import functools
import re
from dataclasses import replace
from importlib import resources
from pathlib import Path

from insvc.adapters.formats import faulty, load, read_text
from insvc.adapters.text_tree import Tree, Unreadable, parse
from insvc.catalog.entry import Catalog
from insvc.catalog.layers import Layer, by_level, misfits, overlay
from insvc.catalog.lint_host import is_plain
from insvc.catalog.local import lie_on_shipped, strangers
from insvc.errors import InputError, UnknownName

PAGE = "titanium"
"""The built-in catalog of the operators' page."""
_LINUX = "linux"
"""What the built-in catalogs of distributions lie on."""
BUILTIN = (PAGE, "debian", "rpm")
SUFFIXES = (".yaml", ".yml", ".json")

_MARKUP = re.compile(r"<(?:!doctype html|html|table)\b", re.IGNORECASE)


@functools.cache
def builtin(name: str = "titanium") -> Catalog:
    """A catalog that comes with insvc; those of distributions are layers on a common one.

    Raises:
        UnknownName: there is none of that name.
    """
    if name not in BUILTIN:
        raise UnknownName(
            name, "no built-in catalog has this name", next_act=f"use one of: {', '.join(BUILTIN)}"
        )
    if name == PAGE:
        return load(Catalog, _text(name), f"{name}.yaml")
    layer = load(Layer, _text(name), f"{name}.yaml")
    return replace(overlay(_linux(), layer), name=name)


@functools.cache
def _linux() -> Catalog:
    return load(Catalog, _text(_LINUX), f"{_LINUX}.yaml")


def _text(name: str) -> str:
    file = resources.files("insvc") / "data" / f"{name}.yaml"
    return file.read_text(encoding="utf-8")


def load_catalog(path: Path, below: Catalog | None = None) -> Catalog:
    """The catalog in a file (also an operators' page) or in a folder of layers.

    A file that holds a layer is laid on the catalog below, the built-in one where none is given. A
    folder's files are laid on each other by level, then by file name; at most one of them is a
    whole catalog and then takes the place of the one below. On a catalog of plain hosts what a
    layer names may be a glob, or something that is not here.

    Raises:
        InputError: nothing is there, or a folder holds two whole catalogs.
        FaultyDocument: a file has faults; all files are read before anything is used.
    """
    files = _files(path)
    if len(files) == 1 and is_page(files[0], read_text(files[0])):
        return load_page(files[0])
    texts = {file: read_text(file) for file in files}
    layers = {file: load(Layer, text, str(file)) for file, text in texts.items() if _is_layer(text)}
    whole = [file for file in files if file not in layers]
    if len(whole) > 1:
        raise InputError(
            str(path),
            f"holds {len(whole)} whole catalogs ({', '.join(one.name for one in whole)}), "
            "expected at most one",
            next_act="keep one; make the others layers (format: insvc-layer/1)",
        )
    catalog = load(Catalog, texts[whole[0]], str(whole[0])) if whole else below or builtin()
    if all(map(is_plain, catalog.entries)):
        return lie_on_shipped(catalog, tuple(layers.values()))
    for layer in by_level(layers.values()):
        file = next(one for one, held in layers.items() if held is layer)
        faults = list(misfits(catalog, layer))
        if faults:
            raise faulty(str(file), texts[file], Tree(value=None), faults)
        catalog = overlay(catalog, layer)
    return catalog


def strange_names(path: Path, base: str) -> tuple[str, ...]:
    """What layers there name that the built-in catalog does not have, as `file: name`.

    Such names are for what a host discovers; or they are misspelt.

    Raises:
        InputError, FaultyDocument: as `load_catalog`.
    """
    found = []
    for file in _files(path):
        text = read_text(file)
        if _is_layer(text):
            layer = load(Layer, text, str(file))
            found += [f"{file}: {name}" for name in strangers(builtin(base), layer)]
    return tuple(found)


def load_page(path: Path) -> Catalog:
    """What an operators' page says, and nothing else.

    Raises:
        InputError: it cannot be read.
        FaultyDocument: it is no such page, is cut off, or cells cannot be understood.
    """
    from insvc.adapters.page_html import import_page

    return import_page(read_text(path), str(path), path.stem)


def is_page(path: Path, text: str) -> bool:
    """Whether the file is meant to be a page: by its name, or by what it begins with."""
    if path.suffix in {".html", ".htm"}:
        return True
    return path.suffix not in SUFFIXES and _MARKUP.search(text) is not None


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = sorted(one for one in path.iterdir() if one.suffix in SUFFIXES and one.is_file())
    if not files:
        raise InputError(
            str(path),
            f"is a folder without a catalog (no {', '.join(SUFFIXES)})",
            next_act="name a catalog file, or a folder with one",
        )
    return files


def _is_layer(text: str) -> bool:
    """Whether the document says that it is a layer; what is not readable is left to the loader."""
    try:
        value = parse(text).value
    except Unreadable:
        return False
    return isinstance(value, dict) and str(value.get("format")).startswith("insvc-layer/")
