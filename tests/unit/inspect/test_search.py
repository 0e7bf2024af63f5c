"""Where the files of modules may lie."""

from insvc.inspect.imports import Import
from insvc.inspect.programs import Language
from insvc.inspect.search import files_of


def paths(language: Language, module: Import, importer: str = "/app/main.x") -> list[list[str]]:
    """What is looked for, file by file."""
    return [list(one.paths) for one in files_of(language, module, importer, ("/l",))]


def test_a_python_module_is_loaded_with_the_packages_above_it() -> None:
    assert paths(Language.PYTHON, Import("a.b", is_sure=True, parts=("c",))) == [
        ["/l/a/__init__.py", "/l/a.py"],
        ["/l/a/b/__init__.py", "/l/a/b.py"],
        ["/l/a/b/c/__init__.py", "/l/a/b/c.py"],
    ]


def test_a_relative_python_module_lies_beside_its_importer() -> None:
    assert paths(Language.PYTHON, Import(".b", is_sure=True), "/p/q/m.py") == [
        ["/p/q/b/__init__.py", "/p/q/b.py"]
    ]
    assert paths(Language.PYTHON, Import("..", is_sure=True, parts=("c",)), "/p/q/m.py") == [
        ["/p/__init__.py"],
        ["/p/c/__init__.py", "/p/c.py"],
    ]


def test_perl_modules_and_files() -> None:
    assert paths(Language.PERL, Import("A::B", is_sure=True)) == [["/l/A/B.pm"]]
    assert paths(Language.PERL, Import("x/g.pl", is_sure=True)) == [["/app/x/g.pl", "/l/x/g.pl"]]


def test_ruby_files() -> None:
    assert paths(Language.RUBY, Import("a/b", is_sure=True)) == [["/l/a/b.rb"]]
    assert paths(Language.RUBY, Import("./c.rb", is_sure=True)) == [["/app/c.rb"]]


def test_node_modules_are_looked_for_upwards() -> None:
    (beside,) = paths(Language.NODE, Import("./a", is_sure=True))
    assert beside[:2] == ["/app/a", "/app/a.js"]
    (named,) = paths(Language.NODE, Import("b", is_sure=True), "/app/lib/main.js")
    assert named[0] == "/app/lib/node_modules/b"
    assert "/app/node_modules/b/index.js" in named
    assert "/l/b.js" in named


def test_php_files() -> None:
    assert paths(Language.PHP, Import("./a.php", is_sure=True)) == [["/app/a.php"]]
    assert paths(Language.PHP, Import("a.php", is_sure=True)) == [["/l/a.php", "/app/a.php"]]


def test_a_language_without_modules_has_no_files() -> None:
    assert paths(Language.SHELL, Import("a", is_sure=True)) == []
