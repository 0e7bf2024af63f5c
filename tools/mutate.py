"""Change the planner and the run's state machine in small ways, and see whether a test notices.

`python tools/mutate.py [PACKAGE/MODULE…] [--list] [--names WORDS] [--afresh]`, `make mutate` for
all modules. Each mutant runs in a process of its own until a test fails: first the module's test
file, then all unit tests of its package, then the recorded situations and stories. A mutant that
survives is a test that is missing or a change without effect; the latter are listed with their
reasons in docs/mutation.md. What was found is kept in `.mutation.json`: as long as neither the
module nor the tests change it counts, and afterwards it says which test to try first.

Exit 0 where every mutant was caught or is explained, 1 where one survived without explanation.
"""

import argparse
import ast
import hashlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import re
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from tools.mutant_trial import Trial, forked, silence  # noqa: E402
from tools.mutants import Mutant, mutants  # noqa: E402

PACKAGES = ("plan", "execute")
MORE = {"plan": ("tests/scenario/test_corpus.py", "tests/scenario/plan"), "execute": ()}
KEPT = ROOT / ".mutation.json"
OPTIONS = ["-x", "-q", "--tb=no", "-p", "no:cacheprovider", "-p", "no:hypothesispytest"]
NO_TESTS = 5

Found = dict[str, str]
"""By the mutant's name, the test that caught it; empty where none did."""


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


@dataclass(frozen=True, kw_only=True)
class Tally:
    """What came of one module's mutants."""

    found: int
    excused: int
    survivors: list[Mutant]


def test_paths(module: str) -> list[str]:
    """What is run for a module, in the order of its cost."""
    package, name = module.split("/")
    own = f"tests/unit/{package}/test_{name}.py"
    paths = [own, f"tests/unit/{package}", *MORE[package]]
    return [one for one in paths if (ROOT / one).exists()]


def path_of(module: str) -> Path:
    """Where the module is."""
    return ROOT / "src" / "insvc" / f"{module}.py"


def try_all(module: str, chosen: Sequence[Mutant], hints: Found) -> Found:
    """Which test catches which mutant: some are tried in a process of their own."""
    trial = Trial(path_of(module), chosen, hints)

    def run(told: object) -> None:
        assert callable(told)
        _pytest(module, trial)
        told(json.dumps({"fault": trial.fault, "ends": trial.ends}))

    text = forked(run, patience_s=7200.0)
    if not text.startswith("{"):
        raise SystemExit(f"{module}: {text}")
    answer = json.loads(text)
    if answer["fault"]:
        raise SystemExit(f"{module}: its tests fail as it is: {answer['fault']}")
    found: Found = {}
    for one in chosen:
        test = answer["ends"].get(one.name)
        found[one.name] = _try_afresh(module, one) if test is None else test
    return found


def _try_afresh(module: str, one: Mutant) -> str:
    def run(_told: object) -> None:
        sys.meta_path.insert(0, _Finder(f"insvc.{module.replace('/', '.')}", path, one.tree))
        if _pytest(module) not in {0, NO_TESTS}:
            raise SystemExit(1)

    path = path_of(module)
    return forked(run)


def _pytest(module: str, *plugins: object) -> int:
    import pytest

    silence()
    paths = [str(ROOT / one) for one in test_paths(module)]
    return int(pytest.main([*OPTIONS, "--rootdir", str(ROOT), *paths], plugins=list(plugins)))


def state_of(module: str) -> str:
    """What a finding depends on: the module, its tests, and this tool, as one figure."""
    figure = hashlib.sha256()
    for path in (path_of(module), *sorted((ROOT / "tools").glob("mut*.py")), *_tests(module)):
        figure.update(path.read_bytes())
    return figure.hexdigest()


def _tests(module: str) -> Iterator[Path]:
    for one in test_paths(module)[1:]:
        path = ROOT / one
        yield from [path] if path.is_file() else sorted(path.rglob("*.py"))


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


def examine(module: str, wanted: str, known: set[str], *, afresh: bool) -> Tally:
    """Try every mutant of a module whose name has these words, or remember what came of it."""
    source = path_of(module).read_text(encoding="utf-8")
    chosen = [one for one in mutants(source) if wanted in one.name]
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    state, before = kept.get(module, ("", {}))
    now = state_of(module)
    same = state == now and not afresh
    ends: Found = dict(before) if same else {}
    began = time.monotonic()
    if left := [one for one in chosen if one.name not in ends]:
        ends |= try_all(module, left, before)
        # What the page excuses may change without a word; the findings do not depend on it.
        KEPT.write_text(json.dumps(kept | {module: (now, ends)}, indent=1))
    survivors = [one for one in chosen if not ends[one.name]]
    for one in survivors:
        mark = " (explained)" if one.name in known else ""
        print(f"  {module}, line {one.line}: {one.name}{mark}", flush=True)
    for name in sorted(known.difference(one.name for one in survivors)) if not wanted else ():
        print(f"  {module}: {name}: explained, but does not survive", flush=True)
    open_ = [one for one in survivors if one.name not in known]
    excused = len(survivors) - len(open_)
    print(
        f"{module}: {len(chosen)} mutants, {len(chosen) - len(survivors)} caught, "
        f"{excused} explained, {len(open_)} survived ({time.monotonic() - began:.0f} s)",
        flush=True,
    )
    return Tally(found=len(chosen), excused=excused, survivors=open_)


def main(arguments: Sequence[str]) -> int:
    """Examine what was named, or everything."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("modules", nargs="*", help="as in plan/precedence")
    parser.add_argument("--list", action="store_true", help="show the mutants, run nothing")
    parser.add_argument("--names", default="", help="only mutants whose name has these words")
    parser.add_argument("--afresh", action="store_true", help="use nothing that was kept")
    chosen = parser.parse_args(arguments)
    modules = chosen.modules or [
        f"{package}/{path.stem}"
        for package in PACKAGES
        for path in sorted((ROOT / "src" / "insvc" / package).glob("[a-z]*.py"))
    ]
    if chosen.list:
        for module in modules:
            for one in mutants(path_of(module).read_text(encoding="utf-8")):
                print(f"{module}: {one.name}")
        return 0
    import pydantic  # noqa: F401 - loaded once, so that every process has it already
    import pytest  # noqa: F401

    known = explained()
    every = [
        examine(module, chosen.names, known.get(module, set()), afresh=chosen.afresh)
        for module in modules
    ]
    found, excused = sum(one.found for one in every), sum(one.excused for one in every)
    survived = sum(len(one.survivors) for one in every)
    caught = found - excused - survived
    print(f"{found} mutants: {caught} caught, {excused} explained, {survived} survived")
    return int(survived > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
