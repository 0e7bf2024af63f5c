"""Why an entry is not restarted just like that, in the catalog's own words."""

from insvc.catalog.entry import Entry, Note
from insvc.model.words import Condition, RestartClass

_BY_CLASS = {
    RestartClass.AUTO: "may be restarted at any time",
    RestartClass.DEFERRED: "is restarted at a time that a person chooses",
    RestartClass.ORDERED: "is restarted in an order with others",
    RestartClass.SESSION_KILLING: "takes user sessions down with it",
    RestartClass.REBOOT_ONLY: "is cured by a reboot only",
    RestartClass.CONDITIONAL: "is restarted only while nothing forbids it",
    RestartClass.HANDLER: "is restarted in a way of its own",
}


_WHILE = {
    Condition.PACKAGE_TRANSACTION: "while packages are being changed",
    Condition.USER_SESSION: "while somebody is logged in",
    Condition.GRAPHICAL_SESSION: "while somebody is logged in at the screen",
}


def caution(entry: Entry) -> str:
    """The first note of its rules, without its full stop; else what its class means."""
    notes = (one.text for one in entry.special_handling if isinstance(one, Note))
    return next(notes, "").rstrip(".") or f"it {_BY_CLASS[entry.restart_class]}"


def while_words(condition: str) -> str:
    """A condition as part of a sentence; nobody knows one that is not of the vocabulary."""
    known = next((one for one in Condition if one == condition), None)
    return f"during a {condition}" if known is None else _WHILE[known]
