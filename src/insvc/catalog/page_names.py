"""Names on the page: what a row is called, which services it stands for, where they run."""

import re
from collections.abc import Iterable, Sequence

from insvc.catalog.entry import Command
from insvc.model.words import Manager, Personality

_SEVERAL = re.compile(r"\s*(?:&|,|/|\+|\band\b)\s*", re.IGNORECASE)
_PARTS = re.compile(r"\s*\((?:consist|compris|includ|contain)[^)]*\)?", re.IGNORECASE)
_BY_MANAGER = re.compile(
    r"(?:^|/|\s)(?:sm-restart(?:-safe)?\s+service|pmon-restart)\s+(?P<name>[\w.-]+)"
)
_MANAGERS = {
    "pmon": Manager.PMON,
    "process monitor": Manager.PMON,
    "sm": Manager.SM,
    "service manager": Manager.SM,
    "service management": Manager.SM,
    "cron": Manager.CRON,
    "crond": Manager.CRON,
    "systemd": Manager.SYSTEMD,
    "pacemaker": Manager.PACEMAKER,
    "lsb": Manager.LSB,
    "supervisord": Manager.SUPERVISORD,
    "": Manager.NONE,
    "-": Manager.NONE,
    "n/a": Manager.NONE,
    "none": Manager.NONE,
}
_PERSONALITY_WORDS = (
    (Personality.CONTROLLER, r"\bcontroller(?:s| nodes?| hosts?)?\b"),
    (Personality.WORKER, r"\b(?:compute|worker)s?(?:\b| nodes?| hosts?)"),
    (Personality.STORAGE, r"\bstorage (?:node|host)s?\b"),
)
_HOST_NAMES = (
    (Personality.CONTROLLER, r"\b(?:controller|ctrl)-\d"),
    (Personality.WORKER, r"\b(?:compute|worker)-\d"),
    (Personality.STORAGE, r"\bstorage-\d"),
)


def plain_title(title: str) -> str:
    """The title without a list of its parts in brackets."""
    return _PARTS.sub("", title).strip()


def title_names(title: str) -> tuple[str, ...]:
    """The single names in a title, in lower case with dashes."""
    names = (_slug(one) for one in _SEVERAL.split(plain_title(title)))
    return tuple(dict.fromkeys(name for name in names if name))


def entry_name(title: str) -> str:
    """The entry's key: the title's one name, or what several begin with (`ceph`)."""
    names = title_names(title)
    first = names[0].split("-") if names else []
    shared = [
        part
        for at, part in enumerate(first)
        if all(name.split("-")[: at + 1] == first[: at + 1] for name in names)
    ]
    return "-".join(shared or names)


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9_.]+", "-", text.casefold()).strip("-")


def service_names(title: str, function: str, commands: Iterable[Command]) -> tuple[str, ...]:
    """What the row's manager calls the services that the row stands for; at least one.

    In this order: several names in the title; the services that the commands name to their
    manager; the parts that title or function list (`glance-api and glance-registry`); the name.
    """
    names = title_names(title)
    if len(names) > 1:
        return names
    found = [
        match["name"]
        for command in commands
        for line in (command.run, *command.runs)
        for match in _BY_MANAGER.finditer(line)
    ]
    if not found:
        own = re.escape(names[0]) if names else "(?!)"
        text = f"{title} {function}".casefold()
        found = re.findall(rf"(?<![\w/-]){own}-[a-z0-9]+(?:-[a-z0-9]+)*", text)
    return tuple(dict.fromkeys(found)) or names


def manager_of(text: str) -> Manager | None:
    """Who the cell says manages it, or nothing where the word is not known."""
    word = re.sub(r"\s*\(.*?\)", "", text)
    return _MANAGERS.get(word.strip().casefold())


def personalities(manager: Manager, title: str, about: str, hosts: str) -> tuple[Personality, ...]:
    """The personalities of the hosts that have it; all where the row does not tell.

    Args:
        manager: the service manager and scheduled jobs live on controllers only.
        title: a service manager's own parts live with it.
        about: text that says what it is.
        hosts: text that may name hosts it runs on.
    """
    name = entry_name(title)
    if manager in {Manager.SM, Manager.CRON} or name == "sm" or name.startswith("sm-"):
        return (Personality.CONTROLLER,)
    found = {
        *_named(_PERSONALITY_WORDS, f"{name.replace('-', ' ')} {about}"),
        *_named(_HOST_NAMES, hosts),
    }
    return tuple(one for one in Personality if one in found) or tuple(Personality)


def _named(patterns: Sequence[tuple[Personality, str]], text: str) -> Iterable[Personality]:
    return (one for one, pattern in patterns if re.search(pattern, text.casefold()))
