import json

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from insvc.adapters.formats import KINDS
from insvc.cli.schema import command


@pytest.mark.parametrize("kind", KINDS)
def test_every_format_has_a_valid_schema(kind: str) -> None:
    shown = CliRunner().invoke(command, [kind])
    schema = json.loads(shown.output)
    Draft202012Validator.check_schema(schema)
    assert schema["properties"]["format"]["const"] == f"insvc-{kind}/1"
