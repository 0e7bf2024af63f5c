"""Imports are read from text, and known to be sure or not."""

from insvc.inspect.imports import Import, imports_of, starts_of
from insvc.inspect.programs import Language, Program


def test_python_imports_of_every_form() -> None:
    text = (
        "import a, b.c as d\n"
        "from e.f import g, h as i  # k\n"
        "from . import (\n    j,  # note\n    l,\n)\n"
        "from m import *\n"
        "def f():\n    import n\n"
        "import ,\n"
    )
    assert imports_of(Language.PYTHON, text) == (
        Import("a", is_sure=True),
        Import("b.c", is_sure=True),
        Import("e.f", is_sure=True, parts=("g", "h")),
        Import(".", is_sure=True, parts=("j", "l")),
        Import("m", is_sure=True),
        Import("n", is_sure=False),
    )


def test_perl_uses_and_requires_outside_of_its_documentation() -> None:
    text = (
        "use strict;\n  use A::B qw(x);\nuse parent -norequire, qw(C D::E);\n"
        "  require F;\nrequire 'lib/g.pl';\n=pod\n\nuse H;\n\n=cut\n__END__\nuse I;\n"
    )
    found = imports_of(Language.PERL, text)
    assert [(one.name, one.is_sure) for one in found] == [
        ("strict", True),
        ("A::B", True),
        ("C", True),
        ("D::E", True),
        ("F", False),
        ("lib/g.pl", True),
    ]


def test_ruby_requires() -> None:
    text = "require 'a/b'\nrequire_relative 'c'\n  load \"/d.rb\"\nrequire_relative '/e'\n"
    found = imports_of(Language.RUBY, text)
    assert [(one.name, one.is_sure) for one in found] == [
        ("a/b", True),
        ("./c", True),
        ("/d.rb", False),
        ("/e", True),
    ]


def test_node_requires_and_imports() -> None:
    text = "const a = require('./a');\n  require(\"b\")\nimport x from 'node:fs'\n"
    found = imports_of(Language.NODE, text)
    assert [(one.name, one.is_sure) for one in found] == [
        ("./a", True),
        ("b", False),
        ("node:fs", True),
    ]


def test_php_includes() -> None:
    text = "<?php\nrequire_once __DIR__ . '/a.php';\n  include('b.inc');\n"
    found = imports_of(Language.PHP, text)
    assert [(one.name, one.is_sure) for one in found] == [("./a.php", True), ("b.inc", False)]


def test_a_language_without_modules_names_none() -> None:
    assert imports_of(Language.SHELL, "import a") == ()


def test_a_command_line_names_what_is_loaded_first() -> None:
    program = Program(
        language=Language.PYTHON, module="http.server", text="import json", names=("site=x",)
    )
    assert starts_of(program) == (
        Import("site", is_sure=True),
        Import("http.server", is_sure=True, parts=("__main__",)),
        Import("json", is_sure=True),
    )
    assert starts_of(Program(language=Language.PERL)) == ()
