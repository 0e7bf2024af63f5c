"""What an interpreter was told to run, from its command line; nothing is opened or imported."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from insvc.inspect.scripts import script_of


class Language(StrEnum):
    """Whose code a process runs."""

    PYTHON = "python"
    PERL = "perl"
    RUBY = "ruby"
    NODE = "node"
    PHP = "php"
    JAVA = "java"
    SHELL = "sh"


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """What an interpreter was told.

    Attributes:
        language: of the interpreter.
        script: the file it runs, as named on the command line; absent where it runs none.
        module: what Python runs by name (`-m`).
        text: what it runs from the command line itself (`-c`, `-e`).
        names: what it loads first (`perl -MName`, `ruby -rname`, `node -r name`).
        folders: where it looks first (`-I`).
    """

    language: Language
    script: str | None = None
    module: str | None = None
    text: str = ""
    names: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()


_NAMES: Mapping[str, Language] = {
    "python": Language.PYTHON,
    "perl": Language.PERL,
    "ruby": Language.RUBY,
    "node": Language.NODE,
    "nodejs": Language.NODE,
    "php": Language.PHP,
    "java": Language.JAVA,
    "sh": Language.SHELL,
    "bash": Language.SHELL,
    "dash": Language.SHELL,
}
_VERSION = re.compile(r"[-\d.]+$")
_TEXT = {
    Language.PYTHON: "-c",
    Language.PERL: "-e",
    Language.RUBY: "-e",
    Language.NODE: "-e",
    Language.PHP: "-r",
}
_LOADS = {
    Language.PERL: ("-M", "-m"),
    Language.RUBY: ("-r",),
    Language.NODE: ("-r", "--require"),
}
_FOLDERS = {Language.PERL: "-I", Language.RUBY: "-I"}


@lru_cache(maxsize=1024)
def language_of(path: str) -> Language | None:
    """Whose interpreter the program at that path is; nothing where it is none.

    A process manager for PHP (`php-fpm`) reads a script anew for each request and is none.
    """
    return _NAMES.get(_VERSION.sub("", path.rpartition("/")[2]))


def program_of(language: Language, argv: Sequence[str]) -> Program:
    """What the interpreter of a language was told by this argument vector.

    Args:
        language: of the interpreter, told from its own file: a process may have written anything
            over its arguments.
        argv: its argument vector.
    """
    script = script_of((str(language), *argv[1:]))
    before = _before(script, argv[1:])
    return Program(
        language=language,
        script=script,
        module=_after("-m", before) if language is Language.PYTHON else None,
        text=_after(_TEXT.get(language, ""), before) or "",
        names=tuple(_values(_LOADS.get(language, ()), before)),
        folders=tuple(_values((_FOLDERS.get(language, ""),), before)),
    )


def _before(script: str | None, arguments: Sequence[str]) -> Sequence[str]:
    """The options that stand before the script."""
    if script is None or script not in arguments:
        return arguments
    return arguments[: list(arguments).index(script)]


def _after(option: str, arguments: Sequence[str]) -> str | None:
    """The argument that follows an option, alone or at the end of a cluster such as `-uc`."""
    for number, word in enumerate(arguments[:-1]):
        is_cluster = re.fullmatch(r"-[A-Za-z]+", word) is not None and not word.startswith("--")
        if option and (word == option or (is_cluster and word.endswith(option[1:]))):
            return arguments[number + 1]
    return None


def _values(options: Sequence[str], arguments: Sequence[str]) -> list[str]:
    """The values of options, joined to them or in the next argument."""
    found: list[str] = []
    for number, word in enumerate(arguments):
        for option in filter(None, options):
            if word == option:
                found += arguments[number + 1 : number + 2]
            elif word.startswith(option) and not option.startswith("--"):
                found.append(word[len(option) :])
    return found
