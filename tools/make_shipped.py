"""Write the copies of the shipped catalogs that load fast; with --check tell which are out of date.

A scan must not wait for a YAML parser and a validator, so src/insvc/data/NAME.json holds what
src/insvc/data/NAME.yaml says as a layer on linux.yaml, without what is the default. The YAML is
what people edit.
"""

import json
import sys
from pathlib import Path

from insvc.adapters.catalog_files import builtin
from insvc.adapters.catalog_text import said
from insvc.adapters.shipped import COPIED

DATA = Path(__file__).resolve().parent.parent / "src" / "insvc" / "data"


def copy_of(name: str) -> str:
    """The text of the copy."""
    return json.dumps(said(builtin(name)), ensure_ascii=False, separators=(",", ":")) + "\n"


def main(arguments: list[str]) -> int:
    """Write the copies; or tell which are out of date, and exit 1 where one is."""
    old = []
    for name in COPIED:
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
