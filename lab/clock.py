"""A clock that can be set for single processes of a host, by libfaketime (layer `clock`)."""

from lab.host import Host

_FILE = "/run/clock"
FAKETIME = (
    "LD_PRELOAD=/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1 "
    f"FAKETIME_TIMESTAMP_FILE={_FILE} FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME_NO_CACHE=1 "
)
"""What puts a process under it, and all that it starts with its own environment."""

RELATIVE_SLEEP = """
import select, time
time.sleep = lambda seconds: select.select([], [], [], seconds)
"""
"""libfaketime takes an absolute sleep on the monotonic clock for one on the clock that it moves, so
Python under it needs a relative sleep."""


def set_clock(host: Host, hours: int) -> None:
    """Let those processes read so many hours more than the host's clock says."""
    host.put(_FILE, f"{hours * 3600:+}\n")
