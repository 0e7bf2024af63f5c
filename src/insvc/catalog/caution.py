"""Why an entry is not restarted just like that, in the catalog's own words."""

from insvc.catalog.entry import Entry, Note
from insvc.model.words import RestartClass

_BY_CLASS = {
    RestartClass.AUTO: "may be restarted at any time",
    RestartClass.DEFERRED: "is restarted at a time that a person chooses",
    RestartClass.ORDERED: "is restarted in an order with others",
    RestartClass.SESSION_KILLING: "takes user sessions down with it",
    RestartClass.REBOOT_ONLY: "is cured by a reboot only",
    RestartClass.CONDITIONAL: "is restarted only while nothing forbids it",
    RestartClass.HANDLER: "is restarted in a way of its own",
}


def reason_of(entry: Entry) -> str:
    """The first note of its rules, without its full stop; empty where it has none."""
    notes = (one.text for one in entry.special_handling if isinstance(one, Note))
    return next(notes, "").rstrip(".")


def caution(entry: Entry) -> str:
    """What its restart class means, and the reason where it has one."""
    reason = reason_of(entry)
    said = _BY_CLASS[entry.restart_class]
    return f"{said}: {reason}" if reason else said
