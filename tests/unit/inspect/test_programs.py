"""What interpreters were told on their command lines."""

import pytest

from insvc.inspect.programs import Language, language_of, program_of


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("/usr/bin/python3.11", Language.PYTHON),
        ("/usr/bin/perl", Language.PERL),
        ("/usr/bin/perl5.36-x", None),
        ("/usr/bin/ruby3.1", Language.RUBY),
        ("/usr/bin/node", Language.NODE),
        ("/usr/bin/php8.2", Language.PHP),
        ("/usr/sbin/php-fpm8.2", None),
        ("/usr/lib/jvm/java-17/bin/java", Language.JAVA),
        ("/usr/bin/dash", Language.SHELL),
        ("/usr/sbin/sshd", None),
        ("", None),
    ],
)
def test_an_interpreter_is_known_by_its_own_file(path: str, language: Language | None) -> None:
    assert language_of(path) is language


def test_a_script_is_found_behind_the_options() -> None:
    found = program_of(Language.PYTHON, ["x", "-u", "-W", "ignore", "/srv/a.py", "-m", "b"])
    assert (found.script, found.module) == ("/srv/a.py", None)


def test_a_module_run_by_name_and_text_of_the_command_line_are_found() -> None:
    assert program_of(Language.PYTHON, ["python3", "-um", "served", "x"]).module == "served"
    assert program_of(Language.PYTHON, ["python3", "-c", "import a"]).text == "import a"
    assert program_of(Language.PYTHON, ["python3"]).module is None


def test_what_is_loaded_first_and_where_it_is_looked_for_are_found() -> None:
    found = program_of(Language.PERL, ["perl", "-I/a", "-I", "/b", "-MPOSIX=x", "s.pl"])
    assert (found.folders, found.names, found.script) == (("/a", "/b"), ("POSIX=x",), "s.pl")
    node = program_of(Language.NODE, ["node", "--require", "./hook", "app.js"])
    assert (node.names, node.script) == (("./hook",), "app.js")


def test_php_runs_the_file_it_is_given() -> None:
    assert program_of(Language.PHP, ["php", "-d", "x=1", "/a.php"]).script == "/a.php"
    assert program_of(Language.PHP, ["php", "-f", "/a.php"]).script == "/a.php"
