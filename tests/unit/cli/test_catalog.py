"""`insvc catalog` as an operator types it."""

import json
from pathlib import Path
from typing import Any

import pytest

from insvc.adapters.catalog_files import builtin, load_catalog
from insvc.adapters.catalog_text import FORMS, yaml_text
from insvc.catalog.lint import CODES
from insvc.cli.main import main
from tests.entries import a_catalog, an_entry

PAGE = Path(__file__).parent.parent.parent / "pages" / "forms.html"


class Shell:
    """Runs a command and keeps what it printed."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys
        self.error = ""

    def run(self, *arguments: str, expect: int = 0) -> str:
        with pytest.raises(SystemExit) as ended:
            main(["catalog", *arguments])
        printed = self.capsys.readouterr()
        self.error = printed.err
        assert ended.value.code == expect, printed.err
        assert "Traceback" not in printed.err
        return printed.out

    def read(self, *arguments: str, expect: int = 0) -> Any:
        return json.loads(self.run(*arguments, "--json", expect=expect))


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


@pytest.fixture
def small(tmp_path: Path) -> str:
    path = tmp_path / "small.yaml"
    path.write_text(yaml_text(a_catalog(an_entry("web"))), encoding="utf-8")
    return str(path)


def test_list_names_every_entry(shell: Shell) -> None:
    told = shell.run("list")
    assert all(one.name in told for one in builtin().entries)
    assert "41 entries in titanium" in told


def test_list_as_json_has_every_field(shell: Shell) -> None:
    entries = shell.read("list")["entries"]
    assert len(entries) == 41
    ceph = entries[-1]
    assert (ceph["name"], ceph["title"]) == ("ceph", "ceph-osd & ceph-mon")
    assert (ceph["in_service_patchable"], ceph["managed_by"]) == (True, "pmon")
    assert [one["kind"] for one in ceph["special_handling"]] == [
        "at_most_one_down",
        "before",
        "avoid_together",
    ]


def test_list_of_another_catalog(shell: Shell, small: str) -> None:
    assert [one["name"] for one in shell.read("list", "--catalog", small)["entries"]] == ["web"]


def test_show_takes_names_titles_aliases_and_services(shell: Shell) -> None:
    names = ("Cinder", "ceph-osd & ceph-mon", "keystone", "glance-registry")
    found = [one["name"] for one in shell.read("show", *names)["entries"]]
    assert found == ["cinder", "ceph", "keystone-all", "glance"]


def test_show_tells_what_an_operator_must_know(shell: Shell) -> None:
    told = " ".join(shell.run("show", "glance").split())
    assert "drained with TERM for 30 s, then kill" in told
    assert "/usr/bin/restart-glance" in told


def test_show_of_an_unknown_name_suggests_near_ones(shell: Shell) -> None:
    shell.run("show", "cindr", expect=2)
    assert "did you mean cinder" in shell.error
    shell.run("show", "qqqqqq", expect=2)
    assert "insvc catalog list" in shell.error


def test_lint_of_the_built_in_catalog_is_clean(shell: Shell) -> None:
    assert "0 findings" in shell.run("lint")
    assert all(one["explained"] for one in shell.read("lint")["findings"])


def test_lint_says_what_it_looks_for(shell: Shell) -> None:
    assert [line[:6] for line in shell.run("lint", "--codes").splitlines()] == list(CODES)


def test_lint_of_a_page_finds_its_contradictions(shell: Shell, small: str) -> None:
    found = shell.read("lint", str(PAGE), expect=1)["findings"]
    assert set(found[0]) == {"code", "subject", "reason", "next", "explained"}
    assert {"CAT004", "CAT006"} <= {one["code"] for one in found}
    told = shell.run("lint", small, expect=1)
    assert "CAT108 web: " in told
    assert "1 finding, 0 explained" in told


def test_import_shows_and_writes_nothing_unasked(shell: Shell, tmp_path: Path) -> None:
    told = shell.run("import", str(PAGE))
    assert "11 entries read" in told
    assert "nothing written" in told
    assert list(tmp_path.iterdir()) == []


def test_import_writes_a_catalog_folder(shell: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "mine"
    assert "written" in shell.run("import", str(PAGE), "-o", str(folder))
    assert [one.name for one in folder.iterdir()] == ["catalog.yaml"]
    assert load_catalog(folder) == load_catalog(PAGE)
    answer = shell.read("import", str(PAGE), "-o", str(folder))
    assert len(answer["entries"]) == 11
    assert answer["written"] == str(folder / "catalog.yaml")


def test_a_refused_import_writes_nothing(shell: Shell, tmp_path: Path) -> None:
    half = tmp_path / "half.html"
    half.write_text(PAGE.read_text(encoding="utf-8")[:3000], encoding="utf-8")
    folder = tmp_path / "out"
    shell.run("import", str(half), "-o", str(folder), expect=2)
    assert "is cut off" in shell.error
    assert not folder.exists()


@pytest.mark.parametrize("form", list(FORMS))
def test_export_in_every_form(shell: Shell, tmp_path: Path, form: str) -> None:
    assert "neutron-server" in shell.run("export", "--format", form)
    file = tmp_path / f"out.{'html' if form == 'restart-info' else 'yaml'}"
    assert "41 entries written" in shell.run("export", "--format", form, "-o", str(file))
    if form != "markdown":
        assert load_catalog(file) == builtin()


def test_export_as_json_says_where_it_wrote(shell: Shell, tmp_path: Path, small: str) -> None:
    assert shell.read("export", "--catalog", small)["written"] is None
    file = tmp_path / "x.md"
    answer = shell.read("export", "--format", "markdown", "-o", str(file))
    assert (len(answer["entries"]), answer["written"]) == (41, str(file))
    assert file.read_text(encoding="utf-8").startswith("# ")


def test_export_needs_a_form(shell: Shell) -> None:
    shell.run("export", expect=2)
    assert "--format" in shell.error
    shell.run("export", "--format", "pdf", expect=2)


def test_diff_tells_every_difference(shell: Shell, tmp_path: Path, small: str) -> None:
    other = tmp_path / "other.yaml"
    changed = a_catalog(an_entry("web", title="W"), an_entry("db"))
    other.write_text(yaml_text(changed), encoding="utf-8")
    told = shell.run("diff", small, str(other))
    assert 'web.title: "Web" -> "W"' in told
    assert "db: added" in told
    assert "2 differences" in told
    found = shell.read("diff", small, str(other))["differences"]
    assert [(one["entry"], one["change"], one["field"]) for one in found] == [
        ("web", "changed", "title"),
        ("db", "added", ""),
    ]


def test_diff_of_equal_catalogs(shell: Shell, small: str) -> None:
    assert shell.run("diff", "titanium", "titanium") == "no differences\n"
    assert shell.read("diff", small, small) == {"differences": []}


def test_absent_and_faulty_files_are_refused_with_all_faults(shell: Shell, tmp_path: Path) -> None:
    shell.run("lint", str(tmp_path / "absent.yaml"), expect=2)
    assert "cannot be read" in shell.error
    faulty = tmp_path / "faulty.yaml"
    faulty.write_text("format: insvc-catalog/1\nentries:\n  - {name: web}\n", encoding="utf-8")
    shell.run("list", "--catalog", str(faulty), expect=2)
    assert "4 faults" in shell.error
    assert f"{faulty}:3: entries.0.title: is missing" in shell.error


LAYER = """format: insvc-layer/1
name: here
level: host
entries:
  - {name: NetworkManager, restart_class: auto}
  - {name: NetworkManger, restart_class: auto}
"""


def test_layers_of_a_plain_host_are_looked_at_on_its_own_catalog(
    shell: Shell, tmp_path: Path
) -> None:
    (tmp_path / "mine.yaml").write_text(LAYER, encoding="utf-8")
    said = shell.run("lint", str(tmp_path), "--on", "debian")
    assert "mine.yaml: NetworkManger is not in debian: it is for what a host discovers" in said
    assert shell.read("lint", str(tmp_path), "--on", "rpm")["strange"] == [
        f"{tmp_path}/mine.yaml: NetworkManger"
    ]
    names = ("NetworkManager", "getty@tty1", "wg-quick@x.service")
    found = shell.read("show", *names, "--catalog", str(tmp_path), "--on", "debian")["entries"]
    assert [one["restart_class"] for one in found] == ["auto", "session-killing", "deferred"]
    assert "entries in debian" in shell.run("list", "--on", "debian")
    shell.run("lint", str(tmp_path), expect=2)
    assert "is 'NetworkManager', which no layer below has" in shell.error
