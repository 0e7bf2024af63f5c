"""Every small change to a module that its tests should notice, one at a time.

A change has a name without line numbers, so that it can be talked about after the module has moved
on: the function, what stood there, and what stands there instead.
"""

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Change = tuple[str, str, Callable[[], None], Callable[[], None]]
"""What stands there and what instead, how to put that there, and how to take it away again."""

_COMPARE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_BINARY: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
_NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}
_WIDTH = 90
_DROPPED = (ast.AugAssign, ast.Expr, ast.Raise, ast.Continue, ast.Break, ast.Delete)


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One changed module.

    Attributes:
        name: `function: what stood there -> what stands there`; with a number where it comes again.
        line: where, in the module as it is.
        tree: the whole changed module.
    """

    name: str
    line: int
    tree: ast.Module


def mutants(source: str) -> Iterator[Mutant]:
    """Every change of the module, in the order of its lines."""
    tree = ast.parse(source)
    seen: dict[str, int] = {}
    for owner, node in _places(tree, "module"):
        for before, after, put, take in _changes(node):
            name = f"{owner}: {_brief(before)} -> {_brief(after)}"
            seen[name] = seen.get(name, 0) + 1
            put()
            changed = copy.deepcopy(tree)
            take()
            again = f" ({seen[name]})" if seen[name] > 1 else ""
            yield Mutant(name=name + again, line=getattr(node, "lineno", 0), tree=changed)


def _brief(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= _WIDTH else f"{one_line[:_WIDTH]}..."


def _places(node: ast.AST, owner: str) -> Iterator[tuple[str, ast.AST]]:
    """Every node that may change with the function it is in; no annotations, no docstrings."""
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list", "type_params"}:
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or _is_docstring(child):
                continue
            inner = owner
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                inner = child.name if owner == "module" else f"{owner}.{child.name}"
            yield inner, child
            yield from _places(child, inner)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _changes(node: ast.AST) -> Iterator[Change]:
    for change in (_operator, _constant, _condition, _statement, _call):
        yield from change(node)


def _swap(node: ast.AST, field: str, new: object) -> Change:
    """Another value of one field."""
    old = getattr(node, field)
    before = ast.unparse(node)
    setattr(node, field, new)
    after = ast.unparse(node)
    setattr(node, field, old)
    return before, after, lambda: setattr(node, field, new), lambda: setattr(node, field, old)


def _operator(node: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.Compare):
        for place, operator in enumerate(node.ops):
            ops = list(node.ops)
            ops[place] = _COMPARE[type(operator)]()
            yield _swap(node, "ops", ops)
    elif isinstance(node, ast.BoolOp):
        yield _swap(node, "op", ast.Or() if isinstance(node.op, ast.And) else ast.And())
    elif isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in _BINARY:
        yield _swap(node, "op", _BINARY[type(node.op)]())


def _constant(node: ast.AST) -> Iterator[Change]:
    if not isinstance(node, ast.Constant):
        return
    if isinstance(node.value, bool):
        yield _swap(node, "value", not node.value)
    elif isinstance(node.value, int | float):
        yield _swap(node, "value", node.value + 1)
        yield _swap(node, "value", node.value - 1)


def _condition(node: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        yield _negated(node, "test", node.test)
    elif isinstance(node, ast.comprehension):
        for place in range(len(node.ifs)):
            yield _swap(node, "ifs", [*node.ifs[:place], *node.ifs[place + 1 :]])
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield _swap(node, "operand", ast.UnaryOp(op=ast.Not(), operand=node.operand))


def _negated(node: ast.If | ast.IfExp | ast.While, field: str, test: ast.expr) -> Change:
    """The same with the opposite condition, named by the condition alone."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        new: ast.expr = test.operand
    else:
        new = ast.UnaryOp(op=ast.Not(), operand=test)
    before, after = f"if {ast.unparse(test)}", f"if {ast.unparse(new)}"
    return before, after, lambda: setattr(node, field, new), lambda: setattr(node, field, test)


def _statement(node: ast.AST) -> Iterator[Change]:
    """A statement left out, or an answer kept back."""
    if isinstance(node, ast.Return) and node.value is not None:
        if not (isinstance(node.value, ast.Constant) and node.value.value is None):
            yield _swap(node, "value", ast.Constant(value=None))
        return
    for field in ("body", "orelse"):
        block = getattr(node, field, None)
        if not isinstance(block, list):
            continue
        for place, one in enumerate(block):
            target = one.targets[0] if isinstance(one, ast.Assign) else None
            stored = isinstance(target, ast.Attribute | ast.Subscript)
            if (isinstance(one, _DROPPED) and not _is_docstring(one)) or stored:
                new = [*block[:place], ast.Pass(), *block[place + 1 :]]
                put, take = _put(node, field, new), _put(node, field, block)
                yield ast.unparse(one), "nothing", put, take


def _put(node: ast.AST, field: str, value: object) -> Callable[[], None]:
    return lambda: setattr(node, field, value)


def _call(node: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.Name) and node.id in _NAMES and isinstance(node.ctx, ast.Load):
        yield _swap(node, "id", _NAMES[node.id])
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id == "sorted" and node.keywords:
            yield _swap(node, "keywords", [])
        elif node.func.id in {"sorted", "reversed"}:
            yield _swap(node, "func", ast.Name(id="list", ctx=ast.Load()))
