"""Where interpreters look for modules."""

from insvc.inspect.programs import Language
from insvc.inspect.search_path import is_packaged, is_standard, patterns


def test_python_looks_where_its_version_is_installed() -> None:
    found = patterns(Language.PYTHON, "/usr/bin/python3.11")
    assert "/usr/lib/python3/dist-packages" in found
    assert "/usr/lib/python3.11/site-packages" in found
    assert patterns(Language.PYTHON, "/usr/bin/python") == ()


def test_a_virtual_environment_comes_first() -> None:
    found = patterns(Language.PYTHON, "/usr/bin/python3.11", "/opt/venv")
    assert found[0] == "/opt/venv/lib/python3.11/site-packages"


def test_other_languages_look_in_fixed_places() -> None:
    assert "/usr/share/perl5" in patterns(Language.PERL, "/usr/bin/perl")
    assert patterns(Language.SHELL, "/bin/sh") == ()


def test_only_package_managers_put_files_into_the_system() -> None:
    assert is_packaged("/usr/lib/python3/dist-packages")
    assert not is_packaged("/usr/local/lib/python3.11/dist-packages")
    assert not is_packaged("/opt/app")


def test_an_interpreters_own_library_is_told_apart() -> None:
    assert is_standard("/opt/py/lib/python3.11")
    assert not is_standard("/opt/py/lib/python3.11/site-packages")
