"""What the kernel itself shows of replaced libraries: an account that shares no code with insvc."""

import json

from lab.host import Host

LOOK = """
import glob, json, re, sys
library = sys.argv[1].encode()
units = {}
for maps in glob.glob("/proc/[0-9]*/maps"):
    try:
        with open(maps, "rb") as file:
            lines = file.read().splitlines()
        with open(maps.replace("maps", "cgroup")) as file:
            group = [line[3:].strip() for line in file if line.startswith("0::")][0]
    except OSError:
        continue
    if any(library in line and b" r-xp " in line and line.endswith(b"(deleted)") for line in lines):
        parts = [part for part in group.split("/") if re.search("[.](service|scope)$", part)]
        units.setdefault(parts[0] if parts else group, []).append(int(maps.split("/")[2]))
print(json.dumps(units))
"""


def units_with_deleted(host: Host, library: str) -> dict[str, list[int]]:
    """The units (or control groups) whose processes run a deleted library, and the pids."""
    told = host.run(["python3", "-c", LOOK, library]).output
    return {str(unit): list(pids) for unit, pids in json.loads(told).items()}
