"""A daemon of insvc itself in a role of the table: it runs our own code, and maps its package's."""

import importlib
import os
import sys

from .program import run_code, version_of


def main(name: str, package: str, library: str, *, module: str) -> None:
    """Run the daemon.

    Args:
        name: what its manager calls it.
        package: what delivers it.
        library: its shared object; the daemon finds its version in INSVC_VERSION.
        module: the module whose `main()` is the daemon.
    """
    os.environ["INSVC_VERSION"] = version_of(run_code(os.environ["INSVC_ROOT"], library))
    os.environ["INSVC_PACKAGE"] = package
    os.environ.setdefault("INSVC_SERVICE", name)
    sys.path.insert(0, os.environ["INSVC_LIBRARY"])
    importlib.import_module(module).main()
