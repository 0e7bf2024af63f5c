"""A shell on a host of an embedded cloud, where the page's files are at their own paths."""

import shlex
import shutil
import subprocess
from pathlib import Path

from insvc.catalog.entry import Catalog
from insvc.compat.commands import COMMANDS
from insvc.compat.install import install_tree
from insvc.compat.page_files import FOLDERS, page_files
from insvc.compat.place import Place
from insvc.model.topology import Host


class PageShell:
    """A shell in which the page's lines run as they are printed, but for the root of their paths.

    Args:
        root: stands for `/` of the host.
        cloud: the cloud.
        host: the host.
        catalog: what is printed.
    """

    def __init__(self, root: Path, cloud: Path, host: Host, catalog: Catalog) -> None:
        self.root = root
        self.place = Place(cloud=cloud, host=host.name)
        install_tree(root, page_files(catalog, COMMANDS), self.place, host)

    def run(self, line: str) -> subprocess.CompletedProcess[str]:
        """Run a line of the page and wait for its end; nothing is left of an earlier patch."""
        shutil.rmtree(self.place.flags, ignore_errors=True)
        self.place.flags.mkdir(parents=True)
        return subprocess.run(
            ["/bin/sh", "-c", shlex.join(map(self._here, shlex.split(line)))],
            env={"PATH": ":".join([*(str(self.root / one) for one in FOLDERS), "/usr/bin:/bin"])},
            capture_output=True,
            text=True,
            check=False,
        )

    def _here(self, word: str) -> str:
        is_ours = word.startswith("/") and word != "/bin/sh"
        return f"{self.root}{word}" if is_ours else word
