"""Write the copies of the shipped catalogs that load fast; with --check tell which are out of date.

A scan must not wait for a YAML parser and a validator, so src/insvc/data/NAME.json holds what
src/insvc/data/NAME.yaml says, without what is the default. The YAML is what people edit.
"""

import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

from insvc.adapters.catalog_files import builtin
from insvc.adapters.shipped import SHIPPED
from insvc.adapters.wire import to_json

DATA = Path(__file__).resolve().parent.parent / "src" / "insvc" / "data"


def lean(value: object) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """The value as JSON without the fields that hold their default."""
    if isinstance(value, tuple):
        return [lean(one) for one in value]
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return to_json(value)
    return {
        one.name: lean(getattr(value, one.name))
        for one in dataclasses.fields(value)
        if one.name == "kind" or getattr(value, one.name) != _default(one)
    }


def _default(field: "dataclasses.Field[Any]") -> object:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def copy_of(name: str) -> str:
    """The text of the copy."""
    return json.dumps(lean(builtin(name)), ensure_ascii=False, separators=(",", ":")) + "\n"


def main(arguments: list[str]) -> int:
    """Write the copies; or tell which are out of date, and exit 1 where one is."""
    old = []
    for name in SHIPPED:
        file = DATA / f"{name}.json"
        text = copy_of(name)
        if file.is_file() and file.read_text(encoding="utf-8") == text:
            continue
        old.append(str(file))
        if "--check" not in arguments:
            file.write_text(text, encoding="utf-8")
    if "--check" not in arguments:
        return 0
    for one in old:
        print(f"{one} is out of date: run tools/make_shipped.py")
    return 1 if old else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
