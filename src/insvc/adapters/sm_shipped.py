"""The tables of sm: those that come with insvc, and others of the same form."""

import functools
import json
from pathlib import Path
from typing import Final

from insvc.adapters.wire import from_json
from insvc.errors import InputError
from insvc.supervise.sm_tables import FORMAT, Tables

_FILE: Final = Path(__file__).resolve().parent.parent / "data" / "sm.json"


@functools.cache
def shipped_tables() -> Tables:
    """Domains, groups, members, services, times and needs as they were in 2018."""
    return read_tables(_FILE)


def read_tables(path: Path) -> Tables:
    """The tables in that file.

    Raises:
        InputError: it cannot be read, or is of another form.
    """
    try:
        found = from_json(Tables, json.loads(path.read_text(encoding="utf-8")))
    except OSError as fault:
        reason = f"cannot be read: {fault.strerror}"
        raise InputError(str(path), reason, next_act="check the path") from fault
    except ValueError as fault:
        raise InputError(str(path), f"is not JSON: {fault}", next_act="correct the file") from fault
    except InputError as fault:
        reason = f"{fault.subject}: {fault.reason}"
        raise InputError(str(path), reason, next_act="correct the file") from fault
    if found.format != FORMAT:
        reason = f"found format {found.format!r}, expected {FORMAT!r}"
        raise InputError(str(path), reason, next_act="use tables of this format")
    return found
