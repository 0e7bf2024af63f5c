"""Regular expressions for names of services, written as globs as far as globs go."""

import re
from dataclasses import dataclass
from typing import Final, NoReturn

MOST: Final = 64
"""More globs than that for one expression are not written."""
_UNITS = ("service", "scope", "socket", "target", "timer", "mount", "slice", "path")
_CLASSES = {"d": "[0-9]", "w": "?", "S": "?", "h": "?", "s": "?"}
_LITERAL = re.compile(r"[A-Za-z0-9_@:/ %,=~!#&\"'<>;-]")
_SET = re.compile(r"\[\^?\]?[^\[\]\\]*\]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Globs:
    """What an expression becomes.

    Attributes:
        globs: names fit one of these where they fit the expression.
        is_wider: names that the expression does not fit may fit as well.
    """

    globs: tuple[str, ...]
    is_wider: bool = False


class NoGlob(Exception):
    """The expression says what no glob can say."""


def globs_of(pattern: str) -> Globs:
    """The globs for an expression that is searched for in names.

    Raises:
        NoGlob: it cannot be written so; the text says why.
    """
    return _Reader(pattern).read()


class _Reader:
    """One pass over the expression, which may have groups and alternatives."""

    def __init__(self, pattern: str) -> None:
        self._text = pattern
        self._at = 0
        self._is_wider = False

    def read(self) -> Globs:
        found = list(dict.fromkeys(map(self._rounded, self._alternatives())))
        if self._at < len(self._text):
            self._fail("has a bracket that nothing opens")
        return Globs(globs=tuple(found), is_wider=self._is_wider)

    def _rounded(self, glob: str) -> str:
        """Open at the ends that are not anchored; anchors elsewhere say nothing a name can be."""
        begins, ends = glob.startswith("^"), glob.endswith("$")
        inner = glob[begins : len(glob) - ends]
        if "^" in inner.replace("[^", "") or "$" in inner:
            self._fail("has an anchor in its middle")
        is_whole = ends or inner.rpartition(".")[2] in _UNITS
        rounded = ("" if begins else "*") + inner.replace("[^", "[!") + ("" if is_whole else "*")
        return re.sub(r"\*{2,}", "*", rounded)

    def _alternatives(self) -> list[str]:
        found = self._sequence()
        while self._peek() == "|":
            self._at += 1
            found += self._sequence()
        return self._bounded(found)

    def _sequence(self) -> list[str]:
        found = [""]
        while self._peek() not in {"", "|", ")"}:
            part = self._repeated(self._atom())
            found = self._bounded([one + other for one in found for other in part])
        return found

    def _atom(self) -> list[str]:
        sign = self._text[self._at]
        if sign == "(":
            return self._group()
        if sign == "[":
            return [self._set()]
        self._at += 1
        if sign == "\\":
            return [self._escaped()]
        if sign == ".":
            return ["?"]
        if sign not in "^$" and not _LITERAL.match(sign):
            self._fail(f"has {sign!r} where a name has none")
        return [sign]

    def _group(self) -> list[str]:
        self._at += 1
        if self._peek() == "?":
            if not self._text.startswith("?:", self._at):
                self._fail("looks ahead, back or at flags")
            self._at += 2
        found = self._alternatives()
        if self._peek() != ")":
            self._fail("has a bracket that nothing closes")
        self._at += 1
        return found

    def _set(self) -> str:
        found = _SET.match(self._text, self._at)
        if found is None or found[0] in {"[]", "[^]"}:
            self._fail("has a set of signs that is not plain")
        self._at = found.end()
        return found[0]

    def _escaped(self) -> str:
        sign = self._peek()
        self._at += 1
        if sign in _CLASSES:
            self._is_wider |= sign != "d"
            return _CLASSES[sign]
        if not sign or sign.isalnum():
            self._fail(f"has \\{sign}, which no glob can say")
        return f"[{sign}]" if sign in "*?[" else sign

    def _repeated(self, part: list[str]) -> list[str]:
        """The part with its quantifier; a glob repeats any sign, so that a set becomes wider."""
        sign = self._peek()
        if sign not in {"*", "+", "?", "{"} or not sign:
            return part
        if any("^" in one[:1] or "$" in one for one in part):
            self._fail("repeats an anchor")
        if sign == "{":
            self._fail("counts how often a sign is repeated")
        self._at += 1
        if self._peek() in {"?", "+"}:
            self._at += 1
        if sign == "?":
            return ["", *part]
        self._is_wider |= part != ["?"]
        return [f"{one}*" for one in part] if sign == "+" else ["*"]

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _bounded(self, found: list[str]) -> list[str]:
        if len(found) > MOST:
            self._fail(f"stands for more than {MOST} globs")
        return found

    def _fail(self, why: str) -> NoReturn:
        raise NoGlob(why)
