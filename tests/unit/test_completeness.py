"""What the project promises of itself: everything has its test and its place in the documents."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from insvc import errors
from insvc.cli.main import COMMANDS
from insvc.model import words

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "insvc"
MODULES = sorted(
    path.relative_to(SOURCE)
    for path in SOURCE.rglob("*.py")
    if path.name not in {"__init__.py", "__main__.py"}
)


def ports() -> list[str]:
    """Names of the Protocols in ports.py."""
    tree = ast.parse((SOURCE / "ports.py").read_text(encoding="utf-8"))
    return [
        node.name
        for node in tree.body
        if isinstance(node, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id == "Protocol" for base in node.bases)
    ]


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_every_module_has_its_test_file(module: Path) -> None:
    found = [
        path
        for kind in ("unit", "integration", "contract", "scenario")
        for path in (ROOT / "tests" / kind / module.parent).glob(f"test_{module.stem}.py")
    ]
    assert found, f"tests/unit/{module.parent}/test_{module.stem}.py is missing"


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_no_module_outgrows_its_idea(module: Path) -> None:
    lines = (SOURCE / module).read_text(encoding="utf-8").count("\n")
    assert lines <= 300


@pytest.mark.parametrize("port", ports())
def test_every_port_has_a_contract_suite(port: str) -> None:
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", port).lower()
    assert (ROOT / "tests" / "contract" / f"test_{name}.py").is_file()


@pytest.mark.parametrize("port", ports())
def test_every_port_is_in_the_architecture(port: str) -> None:
    assert f"`{port}`" in (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_every_word_of_the_vocabularies_is_in_the_glossary() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").lower()
    kinds = (words.Manager, words.Role, words.Redundancy, words.Verdict, words.Outcome)
    missing = [str(word) for kind in kinds for word in kind if str(word) not in glossary]
    assert missing == []


def test_every_error_code_is_used_once() -> None:
    def below(kind: type[errors.InsvcError]) -> list[type[errors.InsvcError]]:
        return [kind] + [one for child in kind.__subclasses__() for one in below(child)]

    codes = [kind.code for kind in below(errors.InsvcError)]
    assert len(codes) == len(set(codes))


def test_every_command_has_a_module() -> None:
    for module, sentence in COMMANDS.values():
        assert (SOURCE / "cli" / f"{module.rpartition('.')[2]}.py").is_file()
        assert sentence.endswith((".", "…"))


def test_the_generated_documents_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "tools/make_docs.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
