"""A catalog as text, in every form it can be exported in."""

import dataclasses
import enum
import io
from collections.abc import Callable, Iterator
from typing import Any, Final

from ruamel.yaml import YAML

from insvc.adapters.formats import dump_text
from insvc.catalog.entry import Catalog
from insvc.catalog.markdown import markdown
from insvc.errors import UnknownName

_ALWAYS = ("format", "name", "kind")
_WIDTH = 96


def render_catalog(catalog: Catalog, form: str) -> str:
    """The catalog in one of `FORMS`.

    Raises:
        UnknownName: there is no such form.
    """
    if form not in FORMS:
        raise UnknownName(
            form, "no catalog is written in this format", next_act=f"use one of: {', '.join(FORMS)}"
        )
    return FORMS[form](catalog)


def yaml_text(catalog: Catalog) -> str:
    """The catalog as YAML, without what is as if not said."""
    return yaml_of(said(catalog))


def yaml_of(value: object) -> str:
    """Plain values as YAML."""
    writer = YAML()
    writer.width = _WIDTH
    writer.allow_unicode = True
    writer.indent(mapping=2, sequence=4, offset=2)
    buffer = io.StringIO()
    writer.dump(value, buffer)
    return buffer.getvalue()


def said(value: object) -> Any:  # noqa: ANN401 - plain values of any shape
    """A value as plain values, fields that have their default left out."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dict(_fields(value))
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, (tuple, list)):
        return [said(one) for one in value]
    if isinstance(value, dict):
        return {key: said(one) for key, one in value.items()}
    return value


def _fields(value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - a dataclass
    for one in dataclasses.fields(value):
        held = getattr(value, one.name)
        default = one.default
        if one.default_factory is not dataclasses.MISSING:
            default = one.default_factory()
        if one.name in _ALWAYS or held != default:
            yield one.name, said(held)


def _page(catalog: Catalog) -> str:
    from insvc.adapters.page_html import render_page

    return render_page(catalog)


FORMS: Final[dict[str, Callable[[Catalog], str]]] = {
    "restart-info": _page,
    "markdown": markdown,
    "json": dump_text,
    "yaml": yaml_text,
}
