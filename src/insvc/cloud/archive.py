"""The cloud's package files: built when they are first wanted, kept for a rollback."""

import platform
import re
from pathlib import Path

from insvc.adapters.wire import to_json
from insvc.cloud.composer import compose, refusal
from insvc.cloud.deb import DebFile, deb
from insvc.cloud.elf import shared_object
from insvc.cloud.files import json_text, write_whole
from insvc.cloud.services import PROXY, Made, of_package
from insvc.errors import InputError

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
VERSION = re.compile(r"(\d{1,3})\.(\d{1,3})-(\d{1,3})")


def code_number(version: str) -> int:
    """The number that the package's machine code returns: 1.0-2 is 1000002.

    Raises:
        InputError: the version has another form.
    """
    found = VERSION.fullmatch(version)
    if found is None:
        raise InputError(
            version, "is no version MAJOR.MINOR-REVISION", next_act="use one like 1.0-2"
        )
    major, minor, revision = (int(part) for part in found.groups())
    return major * 1_000_000 + minor * 1000 + revision


def next_version(*versions: str) -> str:
    """The version after the highest of these.

    Raises:
        InputError: one of them has a form that this cloud does not make.
    """
    number = max(code_number(one) for one in versions) + 1
    return f"{number // 1_000_000}.{number // 1000 % 1000}-{number % 1000}"


def archived(cloud: Path, package: str, version: str, *, faulty: str | None = None) -> Path:
    """The package's file of that version, built now where it is not there yet.

    Args:
        cloud: the cloud's directory.
        package: a package of the table.
        version: see `code_number`.
        faulty: the service whose program refuses to start in this build.
    """
    path = cloud / "packages" / f"{package}_{version}_{_architecture()}.deb"
    if not path.is_file():
        write_whole(path, build(package, version, faulty=faulty))
    return path


def archived_versions(cloud: Path, package: str) -> tuple[str, ...]:
    """Every version of the package that was ever built for this cloud."""
    found = (cloud / "packages").glob(f"{package}_*.deb")
    return tuple(sorted(path.name.split("_")[1] for path in found))


def build(package: str, version: str, *, faulty: str | None = None) -> bytes:
    """One package with its programs, its shared object and its definitions.

    Raises:
        InputError: see `code_number`.
    """
    rows = of_package(package)
    number = code_number(version)
    library = shared_object(f"lib{package}.so", {"code_version": number})
    files = {rows[0].library: DebFile(content=library)}
    for row in rows:
        text = _faulty_program(row, version) if row.name == faulty else _program(row, version)
        files[f"usr/bin/{row.name}"] = DebFile(content=text.encode(), mode=0o755)
        definition = json_text(to_json(row.definition()))
        files[f"etc/insvc/services.d/{row.name}.json"] = DebFile(content=definition.encode())
        if row.behaviour == "dhcp_agent":
            proxy = compose("metadata_proxy", _arguments(row, PROXY), {}, title=_title(PROXY, row))
            files[f"usr/bin/{PROXY}"] = DebFile(content=proxy.encode(), mode=0o755)
    return deb(_control(package, version, rows), files)


def _program(row: Made, version: str) -> str:
    title = f"{_title(row.name, row)} Version {version}."
    return compose(row.behaviour, _arguments(row, row.name), row.settings, title=title)


def _faulty_program(row: Made, version: str) -> str:
    title = (
        f"A faulty build of the stand-in for {row.name}: it refuses to start. Version {version}."
    )
    return refusal(title, library=row.library, service=row.name)


def _title(name: str, row: Made) -> str:
    if row.behaviour == "role":
        return f"A daemon of insvc in the role of {name}."
    return f"Stand-in for {name}: behaves like it towards others, does none of its work."


def _arguments(row: Made, name: str) -> tuple[str, ...]:
    return (name, row.package, row.library)


def _control(package: str, version: str, rows: tuple[Made, ...]) -> dict[str, str]:
    names = ", ".join(row.name for row in rows)
    return {
        "Package": package,
        "Version": version,
        "Architecture": _architecture(),
        "Maintainer": "insvc <insvc@localhost>",
        "Section": "misc",
        "Priority": "optional",
        "Description": (
            f"stand-in for {names}\n"
            " Behaves towards its neighbours as the service does whose name it bears, and does\n"
            " none of its work. Made by insvc for its embedded cloud."
        ),
    }


def _architecture() -> str:
    return ARCHITECTURES.get(platform.machine(), "all")
