"""A catalog as text, in every form it can be exported in."""

import dataclasses
import enum
import io
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from insvc.adapters.formats import dump_text
from insvc.catalog.entry import Catalog
from insvc.catalog.markdown import markdown
from insvc.errors import UnknownName

_ALWAYS = ("format", "name", "kind")
_WIDTH = 96
_ODD = re.compile("[^\\x20-\\x7e\\xa0-\\u2027\\u2030-\\ud7ff\\ue000-\\ufefe\\uff00-\\ufffd]")


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
    writer.dump(_quoted(value), buffer)
    return buffer.getvalue()


def _quoted(value: object) -> object:
    """The same values, text that the YAML writer would spoil in double quotes."""
    if isinstance(value, str):
        return DoubleQuotedScalarString(value) if _ODD.search(value) else value
    if isinstance(value, list):
        return [_quoted(one) for one in value]
    if isinstance(value, dict):
        return {_quoted(key): _quoted(one) for key, one in value.items()}
    return value


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
