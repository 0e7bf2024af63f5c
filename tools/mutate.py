"""Change the planner and the run's state machine in small ways, and see whether a test notices.

`python tools/mutate.py [PACKAGE/MODULE…] [--list] [--names WORDS]`, `make mutate` for all modules.
Each mutant runs in a process of its own: first the module's test file, then all unit tests of its
package, then the recorded situations and stories. A mutant that survives is a test that is missing
or a change without effect; the latter are listed with their reasons in docs/mutation.md.

Exit 0 where every mutant was caught or is explained, 1 where one survived without explanation.
"""

import argparse
import ast
import importlib.abc
import importlib.machinery
import importlib.util
import os
import re
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import CodeType, ModuleType

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from tools.mutants import Mutant, mutants  # noqa: E402

PACKAGES = ("plan", "execute")
MORE = {"plan": ("tests/scenario/test_corpus.py", "tests/scenario/plan"), "execute": ()}
LEAST_PATIENCE_S = 20.0
PATIENCE_FACTOR = 4.0
NO_TESTS = 5


class _Changed(importlib.machinery.SourceFileLoader):
    """Loads a module from a changed tree."""

    def __init__(self, name: str, path: str, tree: ast.Module) -> None:
        super().__init__(name, path)
        self._tree = tree

    def get_code(self, fullname: str) -> CodeType | None:
        """The changed module, never one that was compiled before."""
        return compile(ast.fix_missing_locations(self._tree), self.get_filename(fullname), "exec")


class _Finder(importlib.abc.MetaPathFinder):
    """Finds one changed module and no other."""

    def __init__(self, name: str, path: Path, tree: ast.Module) -> None:
        self._name, self._path, self._tree = name, path, tree

    def find_spec(
        self, fullname: str, _path: object, _target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The changed module under its own name."""
        if fullname != self._name:
            return None
        loader = _Changed(fullname, str(self._path), self._tree)
        return importlib.util.spec_from_file_location(fullname, self._path, loader=loader)


def test_paths(module: str) -> list[list[str]]:
    """What is run for a module, in the order of its cost."""
    package, name = module.split("/")
    own = f"tests/unit/{package}/test_{name}.py"
    more = [one for one in MORE[package] if (ROOT / one).exists()]
    return [[own], [f"tests/unit/{package}"], *([more] if more else [])]


def patience_s(module: str) -> list[float] | None:
    """How long each stage may take, from how long it takes now; nothing where its tests fail."""
    found = []
    for stage in test_paths(module):
        began = time.monotonic()
        if not _passes(module, None, stage, 600.0):
            return None
        took_s = time.monotonic() - began
        found.append(max(LEAST_PATIENCE_S, PATIENCE_FACTOR * took_s))
    return found


def notices(module: str, tree: ast.Module, allowed_s: list[float]) -> bool:
    """Whether a test fails on the changed module, or takes far longer than it should."""
    stages = zip(test_paths(module), allowed_s, strict=True)
    return any(not _passes(module, tree, stage, at_most_s) for stage, at_most_s in stages)


def _passes(module: str, tree: ast.Module | None, tests: list[str], at_most_s: float) -> bool:
    child = os.fork()
    if child == 0:
        os._exit(_run_tests(module, tree, tests))
    until = time.monotonic() + at_most_s
    while time.monotonic() < until:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status) in {0, NO_TESTS}
        time.sleep(0.01)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def _run_tests(module: str, tree: ast.Module | None, tests: list[str]) -> int:
    import pytest

    os.setpgid(0, 0)
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    name = f"insvc.{module.replace('/', '.')}"
    if tree is not None:
        sys.meta_path.insert(0, _Finder(name, ROOT / "src" / "insvc" / f"{module}.py", tree))
    options = [
        "-x",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:hypothesispytest",
        "--rootdir",
        str(ROOT),
    ]
    try:
        return int(pytest.main([*options, *(str(ROOT / one) for one in tests)]))
    except BaseException:  # noqa: BLE001 - whatever ends the process was noticed
        return 1


def explained() -> dict[str, set[str]]:
    """Names of the mutants that docs/mutation.md explains, by module."""
    page = ROOT / "docs" / "mutation.md"
    found: dict[str, set[str]] = {}
    module = ""
    for line in page.read_text(encoding="utf-8").splitlines() if page.exists() else ():
        if heading := re.fullmatch(r"### `(\w+/\w+)`", line):
            module = heading[1]
        elif item := re.match(r"- `` (.+?) ``: ", line):
            found.setdefault(module, set()).add(item[1])
    return found


def examine(
    module: str, wanted: str, known: set[str], allowed_s: list[float]
) -> tuple[int, int, list[Mutant]]:
    """Try every mutant of a module.

    Returns:
        how many there are, how many are explained, and those that survived without being so.
    """
    source = (ROOT / "src" / "insvc" / f"{module}.py").read_text(encoding="utf-8")
    found = [one for one in mutants(source) if wanted in one.name]
    left = [one for one in found if one.name not in known]
    began = time.monotonic()
    survivors = []
    for one in left:
        if not notices(module, one.tree, allowed_s):
            survivors.append(one)
            print(f"  {module}, line {one.line}: {one.name}", flush=True)
    took_s = time.monotonic() - began
    caught = len(left) - len(survivors)
    print(
        f"{module}: {len(found)} mutants, {caught} caught, {len(found) - len(left)} explained, "
        f"{len(survivors)} survived ({took_s:.0f} s)",
        flush=True,
    )
    return len(found), len(found) - len(left), survivors


def main(arguments: Sequence[str]) -> int:
    """Examine what was named, or everything."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("modules", nargs="*", help="as in plan/precedence")
    parser.add_argument("--list", action="store_true", help="show the mutants, run nothing")
    parser.add_argument("--names", default="", help="only mutants whose name has these words")
    chosen = parser.parse_args(arguments)
    modules = chosen.modules or [
        f"{package}/{path.stem}"
        for package in PACKAGES
        for path in sorted((ROOT / "src" / "insvc" / package).glob("[a-z]*.py"))
    ]
    if chosen.list:
        for module in modules:
            source = (ROOT / "src" / "insvc" / f"{module}.py").read_text(encoding="utf-8")
            print("\n".join(f"{module}: {one.name}" for one in mutants(source)))
        return 0
    import pydantic  # noqa: F401 - loaded once, so that every process has it already
    import pytest  # noqa: F401

    known = explained()
    totals = [0, 0, 0]
    for module in modules:
        allowed_s = patience_s(module)
        if allowed_s is None:
            print(f"{module}: its tests fail as it is; nothing can be learnt from mutants")
            return 1
        found, excused, survivors = examine(
            module, chosen.names, known.get(module, set()), allowed_s
        )
        totals = [totals[0] + found, totals[1] + excused, totals[2] + len(survivors)]
    caught = totals[0] - totals[1] - totals[2]
    print(f"{totals[0]} mutants: {caught} caught, {totals[1]} explained, {totals[2]} survived")
    return int(totals[2] > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
