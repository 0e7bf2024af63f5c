"""Where the file of a module may lie: paths to try, the likeliest first; nothing is opened."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from posixpath import dirname, join, normpath

from insvc.inspect.imports import Import
from insvc.inspect.programs import Language


@dataclass(frozen=True, slots=True)
class Wanted:
    """One file that a module consists of.

    Attributes:
        paths: where it may lie; the first that exists is it.
        is_optional: whether nothing is missing where it does not exist (a part that is no module).
    """

    paths: tuple[str, ...]
    is_optional: bool = False


def files_of(
    language: Language, module: Import, importer: str, folders: Sequence[str]
) -> Iterator[Wanted]:
    """The files that are loaded for a module.

    Args:
        language: of both.
        module: what is loaded.
        importer: path of the file that names it.
        folders: the search path.
    """
    finder = _FINDERS.get(language)
    return iter(()) if finder is None else finder(module, importer, folders)


def _python(module: Import, importer: str, folders: Sequence[str]) -> Iterator[Wanted]:
    name = module.name.lstrip(".")
    level = len(module.name) - len(name)
    if level:
        base = dirname(importer)
        for _ in range(level - 1):
            base = dirname(base)
        folders = (base,)
    steps = name.split(".") if name else []
    for count in range(1, len(steps) + 1):
        yield Wanted(_python_paths(folders, steps[:count]))
    if level and not steps:
        yield Wanted((join(folders[0], "__init__.py"),), is_optional=True)
    for part in module.parts:
        yield Wanted(_python_paths(folders, [*steps, part]), is_optional=True)


def _python_paths(folders: Sequence[str], steps: Sequence[str]) -> tuple[str, ...]:
    stem = "/".join(steps)
    return tuple(
        path for one in folders for path in (f"{one}/{stem}/__init__.py", f"{one}/{stem}.py")
    )


def _perl(module: Import, importer: str, folders: Sequence[str]) -> Iterator[Wanted]:
    name = module.name
    if name.endswith((".pl", ".pm", ".ph")) or "/" in name:
        yield Wanted((join(dirname(importer), name), *(join(one, name) for one in folders)))
    else:
        stem = name.replace("::", "/")
        yield Wanted(tuple(f"{one}/{stem}.pm" for one in folders))


def _ruby(module: Import, importer: str, folders: Sequence[str]) -> Iterator[Wanted]:
    name = module.name if module.name.endswith(".rb") else f"{module.name}.rb"
    if name.startswith(("./", "../", "/")):
        yield Wanted((normpath(join(dirname(importer), name)),))
    else:
        yield Wanted(tuple(f"{one}/{name}" for one in folders))


def _node(module: Import, importer: str, folders: Sequence[str]) -> Iterator[Wanted]:
    name = module.name.removeprefix("node:")
    if name.startswith(("./", "../", "/")) or name in {".", ".."}:
        yield Wanted(tuple(_node_paths(normpath(join(dirname(importer), name)))))
        return
    bases = [f"{one}/node_modules" for one in _above(dirname(importer))]
    yield Wanted(
        tuple(path for base in (*bases, *folders) for path in _node_paths(f"{base}/{name}"))
    )


def _node_paths(stem: str) -> tuple[str, ...]:
    files = [stem + end for end in ("", ".js", ".cjs", ".mjs", ".json")]
    return (*files, f"{stem}/index.js", f"{stem}/index.mjs", f"{stem}/lib/index.js")


def _above(folder: str) -> Iterator[str]:
    """The folder and all above it."""
    while folder not in {"", "/"}:
        yield folder
        folder = dirname(folder)


def _php(module: Import, importer: str, folders: Sequence[str]) -> Iterator[Wanted]:
    name = module.name
    places = (dirname(importer),) if name.startswith("./") else (*folders, dirname(importer))
    yield Wanted(tuple(normpath(join(place, name)) for place in places))


_FINDERS: Mapping[Language, Callable[[Import, str, Sequence[str]], Iterator[Wanted]]] = {
    Language.PYTHON: _python,
    Language.PERL: _perl,
    Language.RUBY: _ruby,
    Language.NODE: _node,
    Language.PHP: _php,
}
