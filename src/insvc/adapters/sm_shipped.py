"""The tables of sm that come with insvc."""

import functools
import json
from pathlib import Path
from typing import Final

from insvc.adapters.wire import from_json
from insvc.supervise.sm_tables import Tables

_FILE: Final = Path(__file__).resolve().parent.parent / "data" / "sm.json"


@functools.cache
def shipped_tables() -> Tables:
    """Domains, groups, members, services, times and needs as they were in 2018."""
    return from_json(Tables, json.loads(_FILE.read_text(encoding="utf-8")))
