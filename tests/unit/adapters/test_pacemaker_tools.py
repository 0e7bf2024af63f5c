"""Pacemaker's tools are asked by name, in bounded time, and never through a shell."""

from pathlib import Path

import pytest

from insvc.adapters.pacemaker_tools import CommandTools, has_tools
from insvc.errors import WorldError


def tool(root: Path, name: str, script: str, *, folder: str = "usr/sbin") -> None:
    """A program that answers as the script does."""
    path = root / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def words(root: Path, name: str) -> None:
    """A program that answers with the words it was given."""
    tool(root, name, "printf '%s|' \"$@\"")


def test_a_host_without_the_tools_has_no_pacemaker(tmp_path: Path) -> None:
    assert not has_tools(tmp_path)
    tool(tmp_path, "crm_mon", "")
    assert not has_tools(tmp_path)
    tool(tmp_path, "cibadmin", "", folder="usr/bin")
    assert has_tools(tmp_path)


def test_each_question_has_its_words(tmp_path: Path) -> None:
    for name in ("crm_mon", "cibadmin"):
        words(tmp_path, name)
    tools = CommandTools(tmp_path)
    assert tools.status() == "--output-as=xml|--inactive|"
    assert tools.configuration() == "--query|--local|"
    assert tools.configuration("status") == "--query|--local|--scope|status|"


def test_a_change_is_one_argument_whatever_it_holds(tmp_path: Path) -> None:
    tool(tmp_path, "cibadmin", f"printf '%s|' \"$@\" >{tmp_path}/told")
    tools = CommandTools(tmp_path)
    tools.modify('<a b="$(touch x) `y` ; z"/>')
    assert (tmp_path / "told").read_text() == (
        '--modify|--allow-create|--scope|configuration|--xml-text|<a b="$(touch x) `y` ; z"/>|'
    )
    tools.delete("//a[@id='b']")
    assert (tmp_path / "told").read_text() == "--delete-all|--force|--xpath|//a[@id='b']|"


def test_the_environment_is_ours_and_in_the_c_locale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CIB_file", "/tmp/other.xml")
    tool(tmp_path, "crm_mon", 'echo "$LC_ALL $CIB_file."')
    assert CommandTools(tmp_path).status() == "C .\n"


def test_the_state_of_the_controller_is_found_in_its_sentence(tmp_path: Path) -> None:
    tool(tmp_path, "crmadmin", 'echo "Controller on $2 in state S_IDLE: ok"')
    assert CommandTools(tmp_path).state("one") == "S_IDLE"
    tool(tmp_path, "crmadmin", "echo nothing")
    assert CommandTools(tmp_path).state("one") == ""


def test_the_name_of_this_node_is_asked_for(tmp_path: Path) -> None:
    tool(tmp_path, "crm_node", "echo one.example.com")
    assert CommandTools(tmp_path).node() == "one.example.com"


@pytest.mark.parametrize("name", ["", "a b", "x'y"])
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    tool(tmp_path, "crm_node", f'echo "{name}"')
    with pytest.raises(WorldError, match="as name of this node"):
        CommandTools(tmp_path).node()


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("echo no quorum >&2; exit 62", "status 62: no quorum"),
        ("echo refused; exit 1", "status 1: refused"),
        ('echo \'<a><status code="4" message="No right"/></a>\'; exit 4', "status 4: No right$"),
        ("exec sleep 30", "within 0.2 s"),
        ("head -c 17000000 /dev/zero", "17000000 bytes"),
    ],
)
def test_no_good_answer_is_told_by_the_tools_name(tmp_path: Path, script: str, found: str) -> None:
    tool(tmp_path, "crm_mon", script)
    limit_s = 0.2 if "sleep" in script else 10.0
    with pytest.raises(WorldError, match=found) as told:
        CommandTools(tmp_path, answer_s=limit_s).status()
    assert told.value.subject == "pacemaker: crm_mon"


def test_a_tool_that_cannot_be_run_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match="not installed"):
        CommandTools(tmp_path).status()
    tool(tmp_path, "crm_mon", "")
    (tmp_path / "usr/sbin/crm_mon").chmod(0o644)
    with pytest.raises(WorldError, match="cannot be run"):
        CommandTools(tmp_path).status()
