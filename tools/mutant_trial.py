"""Many mutants, one collection of tests: each gets a process that has everything loaded.

The tests of a module are collected once. For each mutant the process forks, the child puts the
changed code into the functions that are loaded, and runs test after test until one fails. Only what
runs while a module is imported cannot be changed so; such mutants need a process of their own.
"""

import ast
import gc
import os
import resource
import select
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import CodeType, FrameType, FunctionType

import pytest

from tools.mutants import Mutant

TEST_CPU_S = 4.0
PATIENCE_S = 300.0
MEMORY_BYTES = 3 << 30
_OPTIMIZED = 0x1

Told = Callable[[str], None]
"""How a child tells its parent something."""

Place = tuple[str, int]
"""A function's qualified name and its first line."""


def functions_of(code: CodeType) -> dict[Place, CodeType]:
    """Every function that belongs to the module or to a class of it."""
    found: dict[Place, CodeType] = {}
    for one in code.co_consts:
        if not isinstance(one, CodeType):
            continue
        if one.co_flags & _OPTIMIZED:
            found[one.co_qualname, one.co_firstlineno] = one
        else:
            found.update(functions_of(one))
    return found


def at_import(code: CodeType) -> list[object]:
    """What runs while the module is imported: its own statements and those of its classes."""
    found: list[object] = [code.co_code, code.co_names]
    for one in code.co_consts:
        if not isinstance(one, CodeType):
            found.append(repr(one))
        elif not one.co_flags & _OPTIMIZED:
            found += at_import(one)
        elif one.co_name.startswith("<"):
            found.append(one)
    return found


def changes(plain: CodeType, changed: CodeType) -> dict[Place, CodeType] | None:
    """The functions that differ; nothing where the import itself does, or its closures."""
    if at_import(plain) != at_import(changed):
        return None
    old, new = functions_of(plain), functions_of(changed)
    if old.keys() != new.keys():
        return None
    differ = {place: code for place, code in new.items() if code != old[place]}
    if any(code.co_freevars != old[place].co_freevars for place, code in differ.items()):
        return None
    return differ or None


def loaded_functions(path: Path) -> dict[Place, list[FunctionType]]:
    """The functions of a module that are in memory, by whatever name they are reached."""
    found: dict[Place, list[FunctionType]] = {}
    for one in gc.get_objects():
        if isinstance(one, FunctionType) and one.__code__.co_filename == str(path):
            place = (one.__code__.co_qualname, one.__code__.co_firstlineno)
            found.setdefault(place, []).append(one)
    return found


class Trial:
    """A plugin that tries every mutant of one module instead of running the tests once.

    Attributes:
        ends: by the mutant's name, the test that failed; empty where none did. Mutants that need
            a process of their own are absent.
        fault: why nothing can be learnt, if so.
    """

    def __init__(self, path: Path, found: Sequence[Mutant], hints: Mapping[str, str]) -> None:
        self.ends: dict[str, str] = {}
        self.fault = ""
        self._path = path
        self._mutants = found
        self._hints = hints
        self._at_import: set[Place] = set()

    def pytest_sessionstart(self) -> None:
        """Begin to see which functions run while modules are imported."""

        def note(frame: FrameType, event: str, _argument: object) -> None:
            code = frame.f_code
            if event == "call" and code.co_filename == str(self._path):
                self._at_import.add((code.co_qualname, code.co_firstlineno))

        sys.setprofile(note)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Each mutant in a child of this process."""
        sys.setprofile(None)
        plain_tree = ast.parse(self._path.read_text(encoding="utf-8"))
        plain = compile(plain_tree, str(self._path), "exec")
        failed = forked(lambda told: self._run(session, session.items, told))
        if failed or not session.items:
            self.fault = failed or "no tests"
            return True
        loaded = loaded_functions(self._path)
        for one in self._mutants:
            changed = compile(ast.fix_missing_locations(one.tree), str(self._path), "exec")
            differ = changes(plain, changed)
            if differ is None or not differ.keys() <= loaded.keys():
                continue
            items = list(_hinted_first(session.items, self._hints.get(one.name, "")))
            test = self._try(session, items, differ, loaded)
            if test or differ.keys().isdisjoint(self._at_import):
                self.ends[one.name] = test
        return True

    def _try(
        self,
        session: pytest.Session,
        items: list[pytest.Item],
        differ: Mapping[Place, CodeType],
        loaded: Mapping[Place, list[FunctionType]],
    ) -> str:
        def run(told: Told) -> None:
            for place, code in differ.items():
                for function in loaded[place]:
                    function.__code__ = code
            self._run(session, items, told)

        return forked(run)

    def _run(self, session: pytest.Session, items: Sequence[pytest.Item], told: Told) -> None:
        """Run tests until one fails, and tell which; one that takes far too long fails."""
        current = ""

        def too_long(_number: int, _frame: FrameType | None) -> None:
            told(current)
            os._exit(0)

        signal.signal(signal.SIGPROF, too_long)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        for place, item in enumerate(items):
            current = item.nodeid
            signal.setitimer(signal.ITIMER_PROF, TEST_CPU_S)
            after = items[place + 1] if place + 1 < len(items) else None
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            if session.testsfailed:
                told(current)
                return


def _hinted_first(items: Sequence[pytest.Item], hint: str) -> Iterator[pytest.Item]:
    yield from (one for one in items if one.nodeid == hint)
    yield from (one for one in items if one.nodeid != hint)


def forked(run: Callable[[Told], None], patience_s: float = PATIENCE_S) -> str:
    """Run it in a child; answer with what the child told before it ended, or how it ended."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        status = 1
        try:
            run(lambda text: _write(writer, text))
            status = 0
        finally:
            os._exit(status)
    os.close(writer)
    text = _read(reader, child, patience_s)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.close(reader)
    return text or ("" if status == 0 else "the process ended")


def _read(reader: int, child: int, patience_s: float) -> str:
    """All that the child says; one that is silent for too long is ended."""
    found = b""
    while select.select([reader], [], [], patience_s)[0]:
        more = os.read(reader, 65536)
        if not more:
            return found.decode()
        found += more
    os.kill(child, signal.SIGKILL)
    return found.decode()


def _write(writer: int, text: str) -> None:
    with os.fdopen(os.dup(writer), "wb") as stream:
        stream.write(text.encode())


def silence() -> None:
    """Let nothing that the tests print come through."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
