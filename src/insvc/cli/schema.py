"""`insvc schema KIND`."""

import json

import click

from insvc.adapters.formats import KINDS, json_schema


@click.command("schema")
@click.argument("kind", metavar="|".join(KINDS))
def command(kind: str) -> None:
    """Print the JSON Schema of a document format."""
    click.echo(json.dumps(json_schema(kind), indent=2))
