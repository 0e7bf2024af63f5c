"""Which source files a program loads: its imports, followed as text within bounds."""

from collections import deque
from collections.abc import Iterable, Iterator

from insvc.adapters.source_files import SourceFiles
from insvc.inspect.imports import Import, imports_of
from insvc.inspect.programs import Language
from insvc.inspect.search import files_of
from insvc.inspect.search_path import is_packaged

_MOST = 3_000


class Closure:
    """Follows imports in one root; what it learnt of a file is kept for the next program.

    Args:
        files: the root.
        language: of the sources.
        shared: the folders in which every program looks.
    """

    def __init__(self, files: SourceFiles, language: Language, shared: tuple[str, ...]) -> None:
        self._files = files
        self._language = language
        self._shared = shared
        self._packaged: dict[str, tuple[tuple[str, bool], ...]] = {}
        self._named: dict[Import, tuple[str, ...]] = {}

    def reach(
        self, script: str, starts: Iterable[Import], own: tuple[str, ...]
    ) -> tuple[dict[str, bool], bool]:
        """Every file that is loaded, the script itself left out, and whether it surely is.

        Args:
            script: path of the script, or of a name in its folder where there is none.
            starts: what is loaded beside what the script itself names.
            own: the folders in which this program looks first.

        Returns:
            the files, and whether there were more than were followed.
        """
        named = [(path, True) for one in starts for path in self._find(one, script, own)]
        sure = deque([*named, *self._named_in(script, own)])
        maybe: deque[tuple[str, bool]] = deque()
        found: dict[str, bool] = {}
        while (sure or maybe) and len(found) < _MOST:
            path, is_sure = sure.popleft() if sure else maybe.popleft()
            if path in found:
                continue
            found[path] = is_sure
            for child, is_child_sure in self._children(path, own):
                is_both = is_sure and is_child_sure
                (sure if is_both else maybe).append((child, is_both))
        return found, bool(sure or maybe)

    def _children(self, path: str, own: tuple[str, ...]) -> Iterable[tuple[str, bool]]:
        """The files that a file names; a packaged library is taken to name packaged files alone.

        What lies in the program's own folders may name what is beside it, packaged or not.
        """
        if not is_packaged(path) or any(path.startswith(f"{folder}/") for folder in own):
            return self._named_in(path, own)
        known = self._packaged.get(path)
        if known is None:
            known = self._packaged[path] = tuple(self._named_in(path, ()))
        return known

    def _named_in(self, path: str, own: tuple[str, ...]) -> Iterator[tuple[str, bool]]:
        for module in imports_of(self._language, self._files.text(path)):
            for found in self._paths(module, path, own):
                yield found, module.is_sure

    def _paths(self, module: Import, importer: str, own: tuple[str, ...]) -> tuple[str, ...]:
        """The files of a module; what only the shared folders can have is looked for once."""
        is_beside = self._language in {Language.NODE, Language.PHP} or module.name.startswith(".")
        if own or is_beside:
            return tuple(self._find(module, importer, own))
        known = self._named.get(module)
        if known is None:
            known = self._named[module] = tuple(self._find(module, importer, own))
        return known

    def _find(self, module: Import, importer: str, own: tuple[str, ...]) -> Iterator[str]:
        folders = (*own, *self._shared)
        for wanted in files_of(self._language, module, importer, folders):
            for path in wanted.paths:
                if self._files.times(path) is not None:
                    yield path
                    break
