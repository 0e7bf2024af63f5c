"""Names in a catalog that lead nowhere, to two places, or round in a circle."""

from collections.abc import Iterator, Mapping

from insvc.catalog.entry import AtMostOneDown, Before, Catalog, Entry, ReapOrphans
from insvc.catalog.found import Found


def check(catalog: Catalog) -> Iterator[Found]:
    """CAT101 to CAT105."""
    known = {one.name for one in catalog.entries}
    for entry in catalog.entries:
        yield from _unknown_entries(entry, known)
        yield from _unknown_services(entry)
    yield from _circle(catalog)
    yield from _twice(catalog)
    yield from _ambiguous(catalog)


def _unknown_entries(entry: Entry, known: set[str]) -> Iterator[Found]:
    for name in entry.depends_on:
        if name not in known:
            yield Found(
                code="CAT101",
                subject=entry.name,
                field="depends_on",
                reason=f"depends on {name}, which is no entry of this catalog",
                next="correct the name, or add the entry",
            )


def _unknown_services(entry: Entry) -> Iterator[Found]:
    for rule in entry.special_handling:
        name = _service_named(rule)
        if name is not None and entry.service(name) is None:
            yield Found(
                code="CAT102",
                subject=entry.name,
                field="special_handling",
                reason=f"a rule speaks of {name}, which is none of its services",
                next="name one of its services in the rule",
            )


def _service_named(rule: object) -> str | None:
    if isinstance(rule, AtMostOneDown):
        return rule.service
    return rule.of if isinstance(rule, ReapOrphans) else None


def _circle(catalog: Catalog) -> Iterator[Found]:
    waits: dict[str, set[str]] = {one.name: set(one.depends_on) for one in catalog.entries}
    for entry in catalog.entries:
        for rule in entry.special_handling:
            if isinstance(rule, Before):
                for later in rule.entries:
                    waits.setdefault(later, set()).add(entry.name)
    circle = find_circle(waits)
    if circle:
        yield Found(
            code="CAT103",
            subject=circle[0],
            field="depends_on",
            reason=f"waits for itself: {' after '.join((*circle, circle[0]))}",
            next="take one of these orders out",
        )


def find_circle(waits: Mapping[str, set[str]]) -> tuple[str, ...]:
    """Names that wait for each other in a circle, each before the one it waits for; or none."""
    clear: set[str] = set()
    for start in sorted(waits):
        circle = _walk(start, waits, clear)
        if circle:
            return circle
    return ()


def _walk(start: str, waits: Mapping[str, set[str]], clear: set[str]) -> tuple[str, ...]:
    """Depth first from one name; what leads into no circle is added to `clear`."""
    trail: list[str] = []
    todo: list[tuple[str, bool]] = [(start, False)]
    while todo:
        name, is_done = todo.pop()
        if is_done:
            clear.add(trail.pop())
        elif name in trail:
            return tuple(trail[trail.index(name) :])
        elif name not in clear:
            trail.append(name)
            todo.append((name, True))
            todo += ((one, False) for one in sorted(waits.get(name, ()), reverse=True))
    return ()


def _twice(catalog: Catalog) -> Iterator[Found]:
    holders: dict[str, str] = {}
    for entry in catalog.entries:
        for service in entry.services:
            holder = holders.setdefault(service.name, entry.name)
            if holder != entry.name:
                yield Found(
                    code="CAT104",
                    subject=entry.name,
                    field="services",
                    reason=f"has the service {service.name}, which {holder} has too",
                    next="leave it with one entry",
                )


def _ambiguous(catalog: Catalog) -> Iterator[Found]:
    holders: dict[str, str] = {one.name.casefold(): one.name for one in catalog.entries}
    for entry in catalog.entries:
        for word in (entry.title, *entry.aliases):
            holder = holders.setdefault(word.casefold(), entry.name)
            if holder != entry.name:
                yield Found(
                    code="CAT105",
                    subject=entry.name,
                    field="aliases" if word in entry.aliases else "title",
                    reason=f"is called {word}, and so is {holder}",
                    next="give one of them another title or alias",
                )
