"""Joins stand-in sources into one self-contained program text."""

import ast
from collections.abc import Mapping, Sequence
from pathlib import Path

import insvc.standin
from insvc.errors import UnknownName

SOURCES = Path(insvc.standin.__file__).parent


def compose(
    behaviour: str, arguments: Sequence[str], settings: Mapping[str, object], *, title: str
) -> str:
    """The text of one program.

    Args:
        behaviour: a module of `insvc.standin` that has a `main`.
        arguments: positional arguments of that `main`.
        settings: its keyword arguments; values are plain literals.
        title: what the program says of itself.

    Raises:
        UnknownName: there is no such behaviour.
    """
    parts = [f'#!/usr/bin/env python3\n"""{title}"""\n']
    parts += [_body(module) for module in modules_of(behaviour)]
    words = [repr(one) for one in arguments]
    words += [f"{name}={value!r}" for name, value in settings.items()]
    parts.append(f'if __name__ == "__main__":\n    main({", ".join(words)})\n')
    return "\n\n".join(parts)


def refusal(title: str, *, library: str, service: str) -> str:
    """The text of a program whose start always fails: a faulty build, for rehearsals."""
    return (
        f'#!/usr/bin/env python3\n"""{title}"""\n\n'
        "import ctypes\nimport os\nimport sys\n\n"
        f'ctypes.CDLL(os.path.join(os.environ["INSVC_ROOT"], {library!r})).code_version()\n'
        f'sys.exit("{service}: this build is faulty and refuses to start")\n'
    )


def modules_of(behaviour: str) -> tuple[str, ...]:
    """The behaviour's module and those it stands on, each after what it needs."""
    order: list[str] = []
    _visit(behaviour, order)
    return tuple(order)


def _visit(module: str, order: list[str]) -> None:
    if module in order:
        return
    for node in _tree(module).body:
        if isinstance(node, ast.ImportFrom) and node.level and node.module:
            _visit(node.module, order)
    order.append(module)


def _tree(module: str) -> ast.Module:
    return ast.parse(_source(module))


def _source(module: str) -> str:
    path = SOURCES / f"{module}.py"
    if not path.is_file():
        known = ", ".join(sorted(one.stem for one in SOURCES.glob("[a-z]*.py")))
        raise UnknownName(module, "no stand-in behaves so", next_act=f"use one of: {known}")
    return path.read_text(encoding="utf-8")


def _body(module: str) -> str:
    """The module's text without its imports from sister modules and without its docstring."""
    lines = _source(module).splitlines()
    for node in reversed(_tree(module).body):
        relative = isinstance(node, ast.ImportFrom) and node.level
        if relative or (isinstance(node, ast.Expr) and node.lineno == 1):
            del lines[node.lineno - 1 : node.end_lineno]
    return f"# --- {module} ---\n" + "\n".join(lines).strip() + "\n"
