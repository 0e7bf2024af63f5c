"""A host that keeps its packages by rpm, and packages of one's own for it."""

import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from lab.host import Host
from lab.image import build as build_layers

DNF = "dnf -q -y --nogpgcheck --releasever=1 --disablerepo='*'"
_MENDED = (
    "sed -i s/ConfigParser_substitute/ConfigParser.substitute/ "
    "/usr/lib/python3/dist-packages/dnf-plugins/post-transaction-actions.py"
)
"""Debian's build of the plugin calls a function by a name that Debian's libdnf does not have."""
_MACROS = """%_dbpath /var/lib/rpm
%debug_package %{nil}
%__os_install_post %{nil}
%_build_id_links none
"""
_SPEC = """Name: {name}
Version: {version}
Release: {release}
Epoch: {epoch}
Summary: lab
License: none
AutoReqProv: no
%description
lab
%install
cp -a {payload}/. %{{buildroot}}
%files
{files}
"""


@contextmanager
def rpm_host(short: str, layer: str = "dnf") -> Iterator[Host]:
    """A host whose packages are rpm's: dpkg has built it, and its list is taken away."""
    build_layers([layer])
    with Host(short, layer=layer) as booted:
        booted.put("/etc/rpm/macros.lab", _MACROS)
        booted.run(f"{_MENDED}; mv /var/lib/dpkg/status /root/; rpm --initdb")
        yield booted


def build_rpm(
    host: Host,
    name: str,
    version: str,
    files: Mapping[str, str],
    *,
    copied: Mapping[str, str] | None = None,
    epoch: int = 0,
) -> str:
    """Make a package in the host; returns the path of its file there.

    Args:
        host: where.
        name: of the package.
        version: as VERSION-RELEASE.
        files: texts by path; as in real packages they are older than their installation.
        copied: paths of files of the host by path: they are put there with the version at the end.
        epoch: of its version.
    """
    number, _, release = version.partition("-")
    payload = f"/root/payload/{name}-{version}"
    host.run(f"rm -rf {payload}")
    for path, text in files.items():
        host.put(payload + path, text, mode=0o755)
    for path, source in (copied or {}).items():
        host.put(payload + path, version)
        told = shlex.quote(payload + path)
        host.run(f"cp -L {source} {told} && printf %s {version} >> {told}")
    host.run(f"find {payload} -exec touch -h -d '2020-01-01 12:00' {{}} +")
    spec = _SPEC.format(
        name=name,
        version=number,
        release=release or "1",
        epoch=epoch,
        payload=payload,
        files="\n".join((*files, *(copied or {}))),
    )
    host.put(f"{payload}.spec", spec)
    host.run(f"rpmbuild -bb --quiet {payload}.spec")
    return f"/root/rpmbuild/RPMS/x86_64/{name}-{number}-{release or '1'}.x86_64.rpm"
