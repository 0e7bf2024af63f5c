"""What one case of the corpus is: how it is made, and whether it then runs replaced code."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

HOLD = "/usr/bin/python3 /opt/lab/hold.py"
FILES = "/usr/lib/lab"
"""Where the files of the corpus's own packages are, one folder a case."""


class When(StrEnum):
    """When a case's process is started."""

    EARLY = "well before the change"
    JUST_BEFORE = "in the second before the change"
    AFTER = "after the change"


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One process (or several of one owner) whose staleness is known by construction.

    Attributes:
        name: a word or two, joined by hyphens.
        about: how it is made, for people.
        stale: the truth: code it runs was replaced, and a fresh start would run other code.
        kind: the group it is listed in.
        command: what its unit runs; `{dir}` is its package's folder, `{name}` its name. Empty where
            `start` starts it, or the host runs it anyway.
        unit: further text of the unit's `[Service]` section.
        setup: shell text run in the host before it is started.
        start: shell text that starts it where it is no unit of its own.
        change: shell text run in the host at the time of the change.
        copies: files of its package that are copies of the host's own: name to pattern.
        texts: files of its package, as text: name to text.
        altered: names of its package's files whose content is different in the next version.
        upgraded: whether a next version of its package is installed at all.
        real: a package of the distribution that is rebuilt and upgraded with it, by name: the
            patterns of the files whose content differs.
        when: when it is started.
        names: patterns of what a finder may call its owner; by default its unit.
        match: a regular expression of its command lines, where it has no unit of its own.
        why: what makes it hard, for the explanation of disagreements.
    """

    name: str
    about: str
    stale: bool
    kind: str
    command: str = ""
    unit: str = ""
    setup: str = ""
    start: str = ""
    change: str = ""
    copies: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    altered: tuple[str, ...] = ()
    upgraded: bool = True
    real: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    when: When = When.EARLY
    names: tuple[str, ...] = ()
    match: str = ""
    why: str = ""

    @property
    def folder(self) -> str:
        """Where its package's files are."""
        return f"{FILES}/{self.name}"

    def path(self, name: str) -> str:
        """Where a file of its package is: in its folder unless the name is absolute."""
        return name if name.startswith("/") else f"{self.folder}/{name}"

    @property
    def service(self) -> str:
        """The unit that is its own."""
        return f"lab-{self.name}.service"

    @property
    def owners(self) -> tuple[str, ...]:
        """Patterns of what a finder may call its owner."""
        return self.names or (self.service,)

    @property
    def reports(self) -> bool:
        """Whether it makes /run/lab/NAME when it is ready to be judged."""
        text = " ".join([self.command, self.start, *self.texts.values()])
        return "hold.py" in text or "/run/lab/" in text

    def fill(self, text: str) -> str:
        """Text of the case with its folder and name put in."""
        return text.replace("{dir}", self.folder).replace("{name}", self.name)

    def order(self, version: int) -> dict[str, object] | None:
        """What `repack.py` is to make for it; nothing where it has no package."""
        if not self.copies and not self.texts:
            return None
        altered = self.altered if version > 1 else ()
        later = {name: self._text(name, version) for name in self.texts}
        return {
            "package": f"lab-{self.name}",
            "version": f"1.{version}-1",
            "new": True,
            "copied": {self.path(name): source for name, source in self.copies.items()},
            "replaced": {self.path(name): text for name, text in later.items()},
            "altered": [self.path(name) for name in altered if name in self.copies],
            "modes": {self.path(name): 0o755 for name in self.texts},
        }

    def _text(self, name: str, version: int) -> str:
        text = self.fill(self.texts[name])
        return text.replace("{version}", str(version if name in self.altered else 1))
