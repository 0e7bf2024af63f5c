"""Which script an interpreter runs, told from its command line; nothing is opened or imported."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class _Interpreter:
    """How one interpreter reads its options.

    Attributes:
        takes_value: options followed by a value in the next argument.
        runs_no_file: options after which it runs a module, text or standard input.
        file_option: the option that names the file; absent where the first argument does.
    """

    takes_value: frozenset[str] = frozenset()
    runs_no_file: frozenset[str] = frozenset()
    file_option: str | None = None


_SHELL = _Interpreter(frozenset({"-o", "+o", "-O", "+O"}), frozenset({"-c", "-s"}))
_NODE = _Interpreter(
    frozenset({"-r", "--require", "--import", "-C", "--conditions"}),
    frozenset({"-e", "-p", "-i", "-"}),
)
_INTERPRETERS: Mapping[str, _Interpreter] = {
    "python": _Interpreter(
        frozenset({"-W", "-X", "--check-hash-based-pycs"}), frozenset({"-c", "-m", "-"})
    ),
    "perl": _Interpreter(frozenset({"-I"}), frozenset({"-e", "-E", "-"})),
    "ruby": _Interpreter(frozenset({"-I", "-r", "-C", "-E"}), frozenset({"-e", "-"})),
    "node": _NODE,
    "nodejs": _NODE,
    "php": _Interpreter(
        frozenset({"-c", "-d", "-z", "--define"}), frozenset({"-r", "-R", "-a", "-"})
    ),
    "java": _Interpreter(frozenset({"-cp", "-classpath", "--class-path"}), file_option="-jar"),
    "sh": _SHELL,
    "bash": _SHELL,
    "dash": _SHELL,
}
_VERSION = re.compile(r"[\d.]+$")


def script_of(argv: Sequence[str]) -> str | None:
    """The file an interpreter was told to run, as its command line names it.

    Args:
        argv: the argument vector; a process may have overwritten it, then nothing is found.

    Returns:
        A path, relative to the working directory unless it begins with `/`; nothing where no
        known interpreter runs or where it runs no file.
    """
    if not argv:
        return None
    interpreter = _INTERPRETERS.get(_VERSION.sub("", argv[0].rpartition("/")[2]))
    if interpreter is None:
        return None
    if interpreter.file_option is not None:
        return _value_of(interpreter.file_option, argv)
    return _first_file(interpreter, argv[1:])


def _value_of(option: str, argv: Sequence[str]) -> str | None:
    return next((value for name, value in pairwise(argv) if name == option), None)


def _first_file(interpreter: _Interpreter, arguments: Sequence[str]) -> str | None:
    remaining = iter(arguments)
    for argument in remaining:
        if argument == "--":
            return next(remaining, None)
        if _runs_no_file(interpreter, argument):
            return None
        if argument in interpreter.takes_value:
            next(remaining, None)
        elif not argument.startswith(("-", "+")):
            return argument
    return None


def _runs_no_file(interpreter: _Interpreter, argument: str) -> bool:
    """Whether an option, alone or in a cluster such as `-Ic`, makes it run no file."""
    if argument in interpreter.runs_no_file:
        return True
    is_cluster = re.fullmatch(r"-[A-Za-z]+", argument) is not None
    is_taken = argument[:2] in interpreter.takes_value
    return is_cluster and not is_taken and f"-{argument[-1]}" in interpreter.runs_no_file
