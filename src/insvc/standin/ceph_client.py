"""How the other stand-ins ask the storage cluster: any monitor that is in a quorum will do."""

import json
import os
import time

from .web import OK, ask

PATIENCE_S = 30.0
RETRY_S = 0.05
ASK_S = 2.0


def monitors(root: str) -> list[tuple[str, int]]:
    """Address and port of every monitor, by rank.

    Source: `etc/ceph/monmap.json` below the host's root: [{"host", "address", "port"}, …].
    """
    with open(os.path.join(root, "etc/ceph/monmap.json"), encoding="utf-8") as file:
        return [(row["address"], int(row["port"])) for row in json.load(file)]


def wait_for_quorum(root: str, patience_s: float = PATIENCE_S) -> bool:
    """Ask the monitors until one of them is in a quorum; false when none was in that time."""
    until = time.monotonic() + patience_s
    while not _any_in_quorum(root):
        if time.monotonic() > until:
            return False
        time.sleep(RETRY_S)
    return True


def _any_in_quorum(root: str) -> bool:
    for address, port in monitors(root):
        try:
            status, _ = ask(address, port, "GET", "/v1/status", timeout_s=ASK_S)
        except OSError:
            continue
        if status == OK:
            return True
    return False
