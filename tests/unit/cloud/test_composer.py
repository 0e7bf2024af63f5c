import ast
from collections import Counter

import pytest

from insvc.cloud.composer import SOURCES, compose, modules_of, refusal
from insvc.errors import UnknownName

BEHAVIOURS = sorted(
    path.stem for path in SOURCES.glob("[a-z]*.py") if "def main(" in path.read_text("utf-8")
)


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_a_program_is_whole(behaviour: str) -> None:
    text = compose(behaviour, ("a", "b", "c"), {"warm_s": 0.1}, title="A title.")
    tree = ast.parse(text)
    assert ast.get_docstring(tree) == "A title."
    assert not [one for one in ast.walk(tree) if isinstance(one, ast.ImportFrom) and one.level]
    assert text.endswith('    main("a", "b", "c", warm_s=0.1)\n'.replace('"', "'"))
    assert text.startswith("#!/usr/bin/env python3\n")


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_no_name_is_defined_twice_in_a_program(behaviour: str) -> None:
    names: Counter[str] = Counter()
    for node in ast.parse(compose(behaviour, (), {}, title="t")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names[node.name] += 1
        elif isinstance(node, ast.Assign):
            names.update(one.id for one in node.targets if isinstance(one, ast.Name))
    assert [name for name, count in names.items() if count > 1] == []


def test_a_module_comes_after_what_it_needs() -> None:
    order = modules_of("ceph_mon")
    assert order[-1] == "ceph_mon"
    assert order.index("web") < order.index("ceph_client")
    assert order.index("program") < order.index("service")
    assert len(order) == len(set(order))


def test_an_unknown_behaviour_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownName) as caught:
        compose("ghost", (), {}, title="t")
    assert "ceph_mon" in caught.value.next_act


def test_a_faulty_program_runs_its_code_and_then_refuses() -> None:
    text = refusal("t", library="usr/lib/x.so", service="vim")
    ast.parse(text)
    assert "usr/lib/x.so" in text
    assert "vim: this build is faulty" in text
