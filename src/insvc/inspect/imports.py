"""Which modules a source text loads, read from the text alone: nothing of it is ever run.

A statement in the first column runs whenever the text does, so what it names was surely loaded;
anything deeper may never have been reached.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from insvc.inspect.programs import Language, Program


@dataclass(frozen=True, slots=True)
class Import:
    """One module that a text names.

    Attributes:
        name: as its language writes it: `a.b`, `A::B`, `./a`, `a/b.rb`.
        is_sure: whether it is loaded whenever the text runs.
        parts: further modules that may be part of it (`from name import parts`).
    """

    name: str
    is_sure: bool
    parts: tuple[str, ...] = ()


_PYTHON = re.compile(
    r"^([ \t]*)(?:import[ \t]+([\w. \t,]+)|"
    r"from[ \t]+([\w.]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n#;]*))",
    re.MULTILINE,
)
_PERL_USE = re.compile(r"^([ \t]*)(use|require)[ \t]+([A-Za-z_][\w:]*)([^;\n]*)", re.MULTILINE)
_PERL_FILE = re.compile(
    r"""^([ \t]*)(?:require|do)[ \t]*\(?[ \t]*["']([^"'$@\n]+)["']""", re.MULTILINE
)
_PERL_END = re.compile(r"^__(?:END|DATA)__$", re.MULTILINE)
_PERL_POD = re.compile(r"^=[a-z].*?(?:^=cut.*?$|\Z)", re.MULTILINE | re.DOTALL)
_PERL_WORD = re.compile(r"[A-Za-z_]\w*(?:::\w+)*")
_RUBY = re.compile(
    r"""^([ \t]*)(require|require_relative|load)[ \t(]+["']([^"'#\n]+)["']""", re.MULTILINE
)
_NODE = re.compile(
    r"""^([ \t]*)(?:[^\n/]*?\brequire[ \t]*\([ \t]*["']([^"'\n]+)["']|"""
    r"""(?:import|export)\b[^\n"';]*["']([^"'\n]+)["'])""",
    re.MULTILINE,
)
_PHP = re.compile(
    r"""^([ \t]*)[^\n#]*?\b(?:require|include)(?:_once)?[ \t(]+"""
    r"""(__DIR__[ \t]*\.[ \t]*)?["']([^"'$\n]+)["']""",
    re.MULTILINE,
)


def starts_of(program: Program) -> tuple[Import, ...]:
    """What the command line of an interpreter itself names, and the text that it holds."""
    named = [Import(name.partition("=")[0], is_sure=True) for name in program.names]
    if program.module is not None:
        named.append(Import(program.module, is_sure=True, parts=("__main__",)))
    return (*named, *imports_of(program.language, program.text))


def imports_of(language: Language, source: str) -> tuple[Import, ...]:
    """Every module the text names, in its order; the same may be named twice."""
    reader = _READERS.get(language)
    return () if reader is None else tuple(reader(source))


def _python(source: str) -> Iterator[Import]:
    for indent, plain, package, parts in _PYTHON.findall(source):
        is_sure = not indent
        if package:
            yield Import(package, is_sure, tuple(_names(parts)))
            continue
        for name in plain.split(","):
            words = name.split()
            if words:
                yield Import(words[0], is_sure)


def _names(parts: str) -> Iterable[str]:
    """The names in the list of an import, without what they are called afterwards."""
    plain = re.sub(r"#[^\n]*", "", parts)
    for part in plain.strip("()").split(","):
        words = part.split()
        if words and words[0].isidentifier():
            yield words[0]


def _perl(source: str) -> Iterator[Import]:
    """`use` is carried out while the text is compiled, wherever it stands."""
    end = _PERL_END.search(source)
    text = _PERL_POD.sub("", source[: end.start()] if end else source)
    for indent, word, name, rest in _PERL_USE.findall(text):
        if name in {"parent", "base"}:
            for parent in _PERL_WORD.findall(rest.replace("qw", " ").replace("-norequire", " ")):
                yield Import(parent, word == "use")
        else:
            yield Import(name, word == "use" or not indent)
    for indent, name in _PERL_FILE.findall(text):
        yield Import(name, not indent)


def _ruby(source: str) -> Iterator[Import]:
    for indent, word, name in _RUBY.findall(source):
        prefix = "./" if word == "require_relative" and not name.startswith("/") else ""
        yield Import(prefix + name, not indent)


def _node(source: str) -> Iterator[Import]:
    for indent, required, imported in _NODE.findall(source):
        yield Import(required or imported, not indent)


def _php(source: str) -> Iterator[Import]:
    for indent, beside, name in _PHP.findall(source):
        yield Import(f"./{name.lstrip('/')}" if beside else name, not indent)


_READERS: Mapping[Language, Callable[[str], Iterator[Import]]] = {
    Language.PYTHON: _python,
    Language.PERL: _perl,
    Language.RUBY: _ruby,
    Language.NODE: _node,
    Language.PHP: _php,
}
