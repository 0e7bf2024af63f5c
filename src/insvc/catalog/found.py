"""What a lint check hands over."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A contradiction before anybody has looked for its explanation.

    Attributes:
        code: a key of `lint.CODES`.
        subject: name of the entry, or of the catalog.
        field: the field whose provenance may explain it.
        reason: what was found, and what was expected.
        next: what can be done about it.
    """

    code: str
    subject: str
    field: str
    reason: str
    next: str
