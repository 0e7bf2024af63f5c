"""`tools/mutants.py`: every small change, one at a time, by a name that outlives line numbers."""

import ast

import pytest

from tools.mutants import mutants

MODULE = '''"""Docs."""

LIMIT: int = 3


def least(values: list[int], *, many: bool = False) -> int:
    """Docs."""
    if not values or many:
        raise ValueError("none")
    found = [one for one in values if one < LIMIT]
    return max(sorted(found))
'''


def names(source: str) -> list[str]:
    return [one.name for one in mutants(source)]


def test_each_mutant_changes_one_thing_and_compiles() -> None:
    plain = ast.unparse(ast.parse(MODULE))
    trees = [ast.unparse(one.tree) for one in mutants(MODULE)]
    assert len(set(trees)) == len(trees) > 10
    for tree in trees:
        assert tree != plain
        compile(tree, "mutant", "exec")


def test_mutants_are_named_by_function_and_change() -> None:
    found = names(MODULE)
    for name in (
        "module: 3 -> 4",
        "module: 3 -> 2",
        "least: False -> True",
        "least: not values or many -> not values and many",
        "least: one < LIMIT -> one <= LIMIT",
        "least: max -> min",
        "least: sorted(found) -> list(found)",
        "least: return max(sorted(found)) -> return None",
    ):
        assert name in found


def test_a_change_that_comes_twice_is_numbered() -> None:
    assert names("a = 1\nb = 1\n") == [
        "module: 1 -> 2",
        "module: 1 -> 0",
        "module: 1 -> 2 (2)",
        "module: 1 -> 0 (2)",
    ]


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("x = a in b", ["module: a in b -> a not in b"]),
        ("x = a - b", ["module: a - b -> a + b"]),
        ("x = a if b else c", ["module: if b -> if not b"]),
        ("def f():\n    raise X", ["f: raise X -> nothing"]),
        ("class C:\n    def f(self):\n        del x", ["C.f: del x -> nothing"]),
        ("def f(x):\n    x.y = x\n    z = x", ["f: x.y = x -> nothing"]),
        ("def f(x):\n    return None", []),
        ("x = sorted(a, key=b)", ["module: sorted(a, key=b) -> sorted(a)"]),
        ("x = [a for a in b if c]", ["module:  for a in b if c ->  for a in b"]),
        ('"""Docs."""\nx: "int | None" = y', []),
        ("@cache\ndef f(): pass", []),
    ],
)
def test_what_is_changed_and_what_is_not(source: str, wanted: list[str]) -> None:
    assert names(source) == [" ".join(name.split()) for name in wanted]
