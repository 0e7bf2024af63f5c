"""The folder of pmon's process files, and pmon's own settings, below a host's root."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from insvc.adapters.small_file import read_small
from insvc.model.pmon_conf import Reading, read_pmon_conf
from insvc.supervise.pmon_d import FOLDER, Learnt, learn
from insvc.supervise.pmond_conf import PmondConf, read_pmond_conf

SETTINGS = "etc/mtc/pmond.conf"
_LARGEST_BYTES = 1 << 16


def read_folder(root: Path, taken: Collection[str] = ()) -> Learnt:
    """What the process files of a host say; one that cannot be read is misconfigured.

    Args:
        root: of the host's files.
        taken: processes that are defined elsewhere, which counts.
    """
    folder = root / FOLDER
    readings: dict[str, Reading] = {}
    for path in folder.glob("*.conf") if folder.is_dir() else ():
        name = path.name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        try:
            readings[name] = read_pmon_conf(read_small(path, _LARGEST_BYTES))
        except FileNotFoundError as fault:
            if path.is_symlink():
                readings[name] = _unread(fault)
        except OSError as fault:
            readings[name] = _unread(fault)
    return learn(readings, taken)


def read_settings(root: Path) -> PmondConf | None:
    """The settings of pmon itself, where the host has any. Ones that cannot be read are told."""
    try:
        return read_pmond_conf(read_small(root / SETTINGS, _LARGEST_BYTES))
    except FileNotFoundError:
        return None
    except OSError as fault:
        return replace(PmondConf(), faults=(f"cannot be read: {fault.strerror}",))


def _unread(fault: OSError) -> Reading:
    return Reading(
        process=None,
        severity=None,
        conf=None,
        faults=(f"cannot be read: {fault.strerror}",),
        notes=(),
    )
