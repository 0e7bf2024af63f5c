"""Files that are never seen half written."""

import json
import os
from pathlib import Path


def write_whole(path: Path, content: bytes | str, *, mode: int = 0o666) -> None:
    """Replace a file at once; its folder is made where it lacks.

    Args:
        path: the file.
        content: all of it.
        mode: who may read and write it, as far as the user's mask lets them.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    draft.touch(mode)
    draft.write_bytes(content.encode() if isinstance(content, str) else content)
    draft.replace(path)


def json_text(value: object) -> str:
    """Indented JSON with a final newline."""
    return json.dumps(value, indent=2) + "\n"
