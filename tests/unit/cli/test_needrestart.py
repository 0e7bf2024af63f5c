"""`insvc catalog import` of needrestart's settings."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from insvc.adapters.formats import load, read_text
from insvc.catalog.layers import Layer
from insvc.cli.main import insvc

CONF = "$nrconf{restart} = 'a';\n$nrconf{override_rc} = { qr(^dbus) => 0 };\nexec 'sh';\n"


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    path = tmp_path / "needrestart.conf"
    path.write_text(CONF)
    return path


def call(*words: str) -> Result:
    done = CliRunner().invoke(insvc, ["catalog", "import", *words], standalone_mode=False)
    assert done.exception is None, done.output
    return done


def test_the_layer_is_shown_and_nothing_is_written_unasked(conf: Path) -> None:
    done = call(str(conf))
    assert load(Layer, done.stdout, "shown").entries[0].name == "dbus*"
    assert "exec 'sh';: is not understood and not executed" in done.stderr
    assert "nothing written; name a folder with -o" in done.stderr
    assert sorted(one.name for one in conf.parent.iterdir()) == ["needrestart.conf"]


def test_the_layer_is_written_where_a_host_looks_for_it(conf: Path, tmp_path: Path) -> None:
    folder = tmp_path / "catalog.d"
    said = call(str(conf), "-o", str(folder)).stdout
    assert f"written: {folder}/needrestart.yaml" in said
    assert f"{conf}:1: restart = 'a': restarts by itself" in said
    layer = load(Layer, read_text(folder / "needrestart.yaml"), "written")
    assert (layer.name, layer.level) == ("needrestart", "site")


def test_the_same_as_json(conf: Path, tmp_path: Path) -> None:
    told = json.loads(call(str(conf), "--json", "-o", str(tmp_path / "d")).stdout)
    assert [one["name"] for one in told["layer"]["entries"]] == ["dbus*"]
    assert len(told["told"]) == 2
    assert told["written"].endswith("needrestart.yaml")
    assert json.loads(call(str(conf), "--json").stdout)["written"] is None
