"""`python -m lab probe`, `build [LAYER … | all]`, `boot`, `test`, `clean` or `shell [LAYER]`."""

import subprocess
import sys

from lab.clean import clean
from lab.host import Host
from lab.image import LAYERS, build
from lab.machine import LabError, why_not
from lab.testing import run_tests


def main(words: list[str]) -> int:
    """Do what the first word says; 0 when it was done, 1 when it cannot be, 2 if unknown."""
    reason = why_not()
    if reason:
        print(f"the lab does not run on this machine: {reason}", file=sys.stderr)
        return 1
    match words:
        case ["probe"]:
            pass
        case ["build", *layers]:
            build(list(LAYERS) if layers == ["all"] else layers or ["tools"])
        case ["boot"]:
            boot()
        case ["test"]:
            return run_tests()
        case ["clean"]:
            print("\n".join(clean()) or "nothing was left")
        case ["shell", *layer]:
            return shell(*layer)
        case _:
            print(f"usage: {__doc__}\nlayers: {', '.join(LAYERS)}", file=sys.stderr)
            return 2
    return 0


def boot() -> None:
    """Boot a host and end it: whether this machine can at all."""
    with Host("probe") as host:
        print(f"a lab host boots: its systemd is process {host.pid} here")


def shell(layer: str = "tools") -> int:
    """Boot a host and give a root shell in it; it is gone when the shell ends."""
    with Host(layer=layer) as host:
        print(f"{host.name}, process 1 is {host.pid} here; leave with exit")
        return subprocess.run([*host.entering(), "bash", "-i"], check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        sys.exit(1)
