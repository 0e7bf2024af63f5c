"""`insvc catalog import` of needrestart's settings."""

import json
from pathlib import Path

import click

from insvc.adapters.catalog_text import said, yaml_of
from insvc.adapters.needrestart_files import import_needrestart
from insvc.adapters.report_files import write_text
from insvc.adapters.wire import to_json

_FILE_NAME = "needrestart.yaml"


def import_settings(file: Path, output: Path | None, *, as_json: bool) -> None:
    """Print the layer that the settings become, or write it into a folder; tell what they do not.

    Raises:
        InputError: a file cannot be read.
        WorldError: the layer cannot be written.
    """
    moved = import_needrestart(file)
    text = yaml_of(said(moved.layer))
    written = None if output is None else output / _FILE_NAME
    if written is not None:
        write_text(written, text)
    if as_json:
        document = {
            "layer": to_json(moved.layer),
            "told": to_json(moved.told),
            "written": None if written is None else str(written),
        }
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    if written is None:
        click.echo(text, nl=False)
    for one in moved.told:
        click.echo(f"{one.where}: {one.what}: {one.why}", err=written is None)
    count = len(moved.layer.entries)
    click.echo(f"{count} names read from {file}", err=written is None)
    click.echo(
        f"written: {written}" if written else "nothing written; name a folder with -o",
        err=written is None,
    )
