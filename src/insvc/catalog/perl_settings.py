"""Settings written as Perl assignments, read and never executed.

Of Perl only this much is understood: `$NAME{key} = VALUE;`, the same with more keys, and
`push @{$NAME{key}}, VALUE, …;`, where a value is a number, a text, `qr(…)`, a list or a hash of
such. Everything else is passed over whole and told.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NoReturn

_PAIRS: Final = {"(": ")", "[": "]", "{": "}", "<": ">"}
_BLANK = re.compile(r"(?:\s+|#[^\n]*)*")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_WORD = re.compile(r"[A-Za-z_]\w*")
_QUOTE = re.compile(r"(qr|q|qq)\s*(?=[^\w\s,;=])")
_TARGET = re.compile(r"\$(\w+)\s*(?=\{|->)")
_PUSH = re.compile(r"push\s*(\()?\s*@\{\s*(?=\$)")
_DEEPEST = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Regex:
    """A regular expression, as written between its delimiters, and its flags."""

    pattern: str
    flags: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """One value of a list or a hash, and its line."""

    line: int
    value: "Value"
    key: "Regex | str | None" = None


Value = Regex | str | float | tuple[Listed, ...] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignment:
    """What a statement sets.

    Attributes:
        line: where the statement begins.
        keys: the keys after the variable, outermost first.
        value: what they are set to, or what is added at their end.
        adds: it adds to a list.
    """

    line: int
    keys: tuple[Regex | str, ...]
    value: Value
    adds: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Unread:
    """A statement that is not understood: its line and how it begins."""

    line: int
    text: str


class _Strange(Exception):
    """This is no Perl that is understood here."""


def read_settings(text: str, variable: str) -> tuple[Assignment | Unread, ...]:
    """Every statement of the text, in order.

    Args:
        text: the file.
        variable: the hash whose settings are wanted; assignments to others are not understood.
    """
    return tuple(_Reader(text, variable).statements())


class _Reader:
    def __init__(self, text: str, variable: str) -> None:
        self._text = text
        self._variable = variable
        self._at = 0

    def statements(self) -> Iterator[Assignment | Unread]:
        while True:
            self._skip_blank()
            if self._at >= len(self._text) or self._text.startswith("__END__", self._at):
                return
            begin = self._at
            if self._text[begin] == ";":
                self._at += 1
                continue
            try:
                yield self._statement()
            except _Strange:
                self._at = begin
                self._skip_statement()
                whole = " ".join(self._text[begin : self._at].split())
                yield Unread(line=self._line(begin), text=whole)

    def _statement(self) -> Assignment:
        begin = self._at
        push = _PUSH.match(self._text, begin)
        if push is not None:
            return self._push(push, begin)
        keys = self._target()
        self._want("=")
        value = self._value()
        self._skip_blank()
        if self._at < len(self._text):
            self._want(";")
        return Assignment(line=self._line(begin), keys=keys, value=value)

    def _push(self, push: re.Match[str], begin: int) -> Assignment:
        self._at = push.end()
        keys = self._target()
        self._want("}")
        self._want(",")
        items = self._items(")" if push[1] else ";")
        if push[1]:
            self._want(";")
        return Assignment(line=self._line(begin), keys=keys, value=items, adds=True)

    def _target(self) -> tuple[Regex | str, ...]:
        found = _TARGET.match(self._text, self._at)
        if found is None or found[1] != self._variable:
            self._fail()
        self._at = found.end()
        keys: list[Regex | str] = []
        while True:
            self._skip_blank()
            if self._text.startswith("->", self._at):
                self._at += 2
                self._skip_blank()
            if not self._text.startswith("{", self._at):
                break
            self._at += 1
            keys.append(self._key())
            self._want("}")
        return tuple(keys) if keys else self._fail()

    def _key(self) -> Regex | str:
        self._skip_blank()
        quoted = _QUOTE.match(self._text, self._at)
        word = _WORD.match(self._text, self._at)
        if quoted is None and word is not None:
            self._at = word.end()
            return word[0]
        value = self._value()
        if isinstance(value, (Regex, str)):
            return value
        return str(value) if isinstance(value, float) else self._fail()

    def _value(self, depth: int = 0) -> Value:
        self._skip_blank()
        if depth > _DEEPEST:
            self._fail()
        for opening, closing in (("[", "]"), ("{", "}")):
            if self._text.startswith(opening, self._at):
                self._at += 1
                return self._items(closing, depth + 1)
        number = _NUMBER.match(self._text, self._at)
        if number is not None:
            self._at = number.end()
            return float(number[0])
        if self._text.startswith("undef", self._at):
            self._at += len("undef")
            return None
        return self._quoted()

    def _items(self, closing: str, depth: int = 0) -> tuple[Listed, ...]:
        """What stands between here and the closing sign, which is passed."""
        found: list[Listed] = []
        while True:
            self._skip_blank()
            if self._text.startswith(closing, self._at):
                self._at += len(closing)
                return tuple(found)
            begin, key = self._at, None
            value = self._item(depth)
            self._skip_blank()
            if self._text.startswith("=>", self._at):
                if not isinstance(value, (Regex, str)):
                    self._fail()
                self._at += 2
                key, value = value, self._value(depth)
            found.append(Listed(line=self._line(begin), key=key, value=value))
            self._skip_blank()
            if not self._text.startswith(closing, self._at):
                self._want(",")

    def _item(self, depth: int) -> Value:
        """A value, or a bare word that `=>` makes a text."""
        word = _WORD.match(self._text, self._at)
        if word is not None and _BLANK.match(self._text, word.end()) is not None:
            after = _after(self._text, word.end())
            if self._text.startswith("=>", after):
                self._at = word.end()
                return word[0]
        return self._value(depth)

    def _quoted(self) -> Regex | str:
        quote = _QUOTE.match(self._text, self._at)
        if quote is not None:
            self._at = quote.end()
            inner = self._delimited()
            if quote[1] == "qr":
                flags = re.compile(r"[a-z]*").match(self._text, self._at)
                self._at = flags.end() if flags else self._at
                return Regex(pattern=inner, flags=flags[0] if flags else "")
            return inner if quote[1] == "q" else self._plain(inner)
        if self._text[self._at : self._at + 1] not in {"'", '"'}:
            self._fail()
        is_double = self._text[self._at] == '"'
        inner = self._delimited()
        return self._plain(inner) if is_double else inner.replace("\\'", "'").replace("\\\\", "\\")

    def _plain(self, inner: str) -> str:
        """A text in double quotes, where it has nothing that Perl would put in."""
        return self._fail() if any(sign in inner for sign in "$@\\") else inner

    def _delimited(self) -> str:
        """The text between the delimiter that is here and its end; brackets may be nested."""
        opening = self._text[self._at]
        closing = _PAIRS.get(opening, opening)
        begin, depth = self._at + 1, 0
        at = begin
        while at < len(self._text):
            sign = self._text[at]
            if sign == "\\":
                at += 1
            elif sign == closing and depth == 0:
                self._at = at + 1
                return self._text[begin:at]
            elif sign == opening:
                depth += 1
            elif sign == closing:
                depth -= 1
            at += 1
        return self._fail()

    def _skip_statement(self) -> None:
        """To the end of what begins here: its `;`, or its block where it has one."""
        depth = 0
        while self._at < len(self._text):
            sign = self._text[self._at]
            if sign == "#":
                self._skip_blank()
                continue
            self._at += 1
            if sign in "'\"":
                self._skip_text(sign)
            elif sign in "([{":
                depth += 1
            elif sign in ")]}":
                depth -= 1
            if depth <= 0 and (sign == ";" or (sign == "}" and self._ends_block())):
                return

    def _skip_text(self, sign: str) -> None:
        self._at -= 1
        begin = self._at
        try:
            self._delimited()
        except _Strange:
            self._at = begin + len(sign)

    def _ends_block(self) -> bool:
        after = _after(self._text, self._at)
        return not self._text.startswith((";", "=", "->", ",", ")", "{", "else"), after)

    def _want(self, sign: str) -> None:
        self._skip_blank()
        if not self._text.startswith(sign, self._at):
            self._fail()
        self._at += len(sign)

    def _skip_blank(self) -> None:
        self._at = _after(self._text, self._at)

    def _line(self, at: int) -> int:
        return self._text.count("\n", 0, at) + 1

    def _fail(self) -> NoReturn:
        raise _Strange


def _after(text: str, at: int) -> int:
    """Where blanks and comments end."""
    found = _BLANK.match(text, at)
    return found.end() if found is not None else at
