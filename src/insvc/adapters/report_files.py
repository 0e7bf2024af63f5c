"""A report on disk: rendered in any form, written whole or not at all."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from insvc.adapters.formats import dump_text
from insvc.adapters.html_report import render as render_html
from insvc.errors import InputError, UnknownName, WorldError
from insvc.report.markdown import render as render_markdown
from insvc.report.report import Report
from insvc.report.text import render as render_text

FORMATS: dict[str, Callable[[Report], str]] = {
    "text": render_text,
    "json": dump_text,
    "markdown": render_markdown,
    "html": render_html,
}


def render(report: Report, form: str) -> str:
    """The report in one of `FORMATS`.

    Raises:
        UnknownName: there is no such form.
    """
    if form not in FORMATS:
        raise UnknownName(
            form,
            "no report has this format",
            next_act=f"use one of: {', '.join(FORMATS)}",
        )
    return _writable(FORMATS[form](report))


def _writable(text: str) -> str:
    """The text with what UTF-8 cannot say (half of a character a program printed) escaped."""
    return text.encode("utf-8", errors="backslashreplace").decode("utf-8")


def write_reports(report: Report, directory: Path, stem: str = "report") -> tuple[Path, Path]:
    """Write `STEM.html` and `STEM.json` into a folder, which is made where it is missing.

    Both are rendered before either is written.

    Raises:
        WorldError: the folder or a file cannot be written; files of that name are as before.
    """
    pages = [(directory / f"{stem}.{form}", render(report, form)) for form in ("html", "json")]
    for path, text in pages:
        write_text(path, text)
    return pages[0][0], pages[1][0]


def write_text(path: Path, text: str) -> None:
    """Replace the file by this text at once, durably; its folder is made where it is missing.

    Raises:
        InputError: the path is a folder or a device.
        WorldError: it cannot be written; a file of that name is as before.
    """
    if path.exists() and not path.is_file():
        raise InputError(
            str(path),
            "is a device or a folder, expected a file or a new name",
            next_act="name a file",
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, text)
    except OSError as fault:
        raise WorldError(
            str(path),
            f"cannot be written: {fault.strerror or fault}",
            next_act="name a folder that this user may write to and that has room",
        ) from fault


def _replace(path: Path, text: str) -> None:
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    unfinished = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(_writable(text))
            file.flush()
            os.fsync(file.fileno())
        unfinished.chmod(0o644)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
