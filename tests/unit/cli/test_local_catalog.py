"""`insvc catalog … local`: what is known of everything on the machine it runs on."""

import json
from pathlib import Path
from typing import Any

import pytest

from insvc.catalog.entry import Catalog
from insvc.catalog.layers import Amendment, Layer
from insvc.cli.local_catalog import LOCAL, local_catalog, strange_here
from insvc.cli.main import main
from insvc.model.observation import HostObservation
from insvc.model.words import Manager
from tests.entries import a_catalog, a_layer, an_entry

WEB = an_entry(
    "web.service",
    managed_by=Manager.SYSTEMD,
    provenance={"restart_class": "debian, web", "runs_on": "debian, web"},
)


class SmallHere:
    """A machine with two services, one manager of which does not answer."""

    def observe(self, taken_at: float) -> HostObservation:
        return HostObservation(host="box", taken_at=taken_at, unseen=("cron: no answer",))

    def catalog(self, seen: HostObservation) -> Catalog:
        assert seen.host == "box"
        return a_catalog(WEB, an_entry("app.service", managed_by=Manager.SYSTEMD))


@pytest.fixture
def layers(monkeypatch: pytest.MonkeyPatch) -> list[Layer]:
    """The layers of the machine."""
    held: list[Layer] = []
    monkeypatch.setattr("insvc.cli.local_catalog.Here", SmallHere)
    monkeypatch.setattr("insvc.cli.local_catalog.host_layers", lambda: tuple(held))
    return held


def run(capsys: pytest.CaptureFixture[str], *words: str, expect: int = 0) -> tuple[str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["catalog", *words])
    printed = capsys.readouterr()
    assert ended.value.code == expect, printed.err
    return printed.out, printed.err


@pytest.mark.usefixtures("layers")
def test_entries_are_listed_by_name_and_what_was_not_seen_is_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out, err = run(capsys, "list", "--catalog", "local", "--json")
    told: dict[str, Any] = json.loads(out)
    assert told["name"] == LOCAL
    assert [one["name"] for one in told["entries"]] == ["app.service", "web.service"]
    assert err == "NOT SEEN: cron: no answer\n"


@pytest.mark.usefixtures("layers")
def test_an_entry_is_shown_with_who_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = run(capsys, "show", "web", "--catalog", "local")
    assert "debian, web (restart_class, runs_on)" in " ".join(out.split())
    _, err = run(capsys, "show", "zzz", "--catalog", "local", expect=2)
    assert "list them: `insvc catalog list --catalog local`" in err


def test_lint_tells_what_the_layers_of_this_host_name_in_vain(
    capsys: pytest.CaptureFixture[str], layers: list[Layer]
) -> None:
    layers.append(a_layer(*(Amendment(name=name) for name in ("web.*", "dbus*", "wbe"))))
    out, _ = run(capsys, "lint", "local", expect=1)
    (line,) = [one for one in out.splitlines() if "is for what a host discovers" in one]
    assert line.startswith("/etc/insvc/catalog.d: layer north: wbe is not on this host")
    assert next(strange_here(local_catalog())).endswith(": wbe")


@pytest.mark.usefixtures("layers")
def test_the_hosts_catalog_is_compared_and_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "host.yaml"
    run(capsys, "export", "--catalog", "local", "--format", "yaml", "-o", str(file))
    assert "no differences" in run(capsys, "diff", "local", str(file))[0]


@pytest.mark.usefixtures("layers")
def test_a_file_called_local_is_a_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "local").write_text("format: insvc-catalog/1\nname: filed\nentries: []\n")
    assert json.loads(run(capsys, "list", "--catalog", "local", "--json")[0])["name"] == "filed"


def test_this_very_machine_has_a_catalog() -> None:
    names = [one.name for one in local_catalog().entries]
    assert names == sorted(set(names))
