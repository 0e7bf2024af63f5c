"""Where an interpreter looks for modules, as patterns of folders; nothing is opened."""

import re
from collections.abc import Mapping
from posixpath import dirname

from insvc.inspect.programs import Language

_VERSION = re.compile(r"(\d+\.\d+)$")
_STANDARD = re.compile(r"/lib(?:64)?/python\d+\.\d+(?:/lib-dynload)?$")
_PERL = (
    "/etc/perl",
    "/usr/local/lib/*/perl/*",
    "/usr/local/share/perl/*",
    "/usr/lib/*/perl5/*",
    "/usr/share/perl5",
    "/usr/lib/*/perl-base",
    "/usr/lib/*/perl/*",
    "/usr/share/perl/*",
    "/usr/local/lib/site_perl",
    "/usr/local/lib64/perl5",
    "/usr/local/share/perl5",
    "/usr/lib64/perl5/vendor_perl",
    "/usr/share/perl5/vendor_perl",
    "/usr/lib64/perl5",
)
_RUBY = (
    "/usr/local/lib/site_ruby/*",
    "/usr/local/lib/site_ruby",
    "/usr/lib/ruby/vendor_ruby/*.*",
    "/usr/lib/ruby/vendor_ruby",
    "/usr/lib/ruby/*.*.0",
    "/usr/share/ruby",
    "/usr/share/rubygems-integration/*/gems/*/lib",
    "/var/lib/gems/*/gems/*/lib",
    "/usr/share/gems/gems/*/lib",
)
_FIXED: Mapping[Language, tuple[str, ...]] = {
    Language.PERL: _PERL,
    Language.RUBY: _RUBY,
    Language.NODE: ("/usr/local/lib/node_modules", "/usr/share/nodejs", "/usr/lib/nodejs"),
    Language.PHP: ("/usr/share/php", "/usr/share/pear"),
}
SUFFIXES: Mapping[Language, tuple[str, ...]] = {
    Language.PYTHON: (".py",),
    Language.PERL: (".pm", ".pl", ".ph"),
    Language.RUBY: (".rb",),
    Language.NODE: (".js", ".cjs", ".mjs", ".json"),
    Language.PHP: (".php", ".inc"),
}
"""What the files of a language end with."""
VARIABLES: Mapping[Language, str] = {
    Language.PYTHON: "PYTHONPATH",
    Language.PERL: "PERL5LIB",
    Language.RUBY: "RUBYLIB",
    Language.NODE: "NODE_PATH",
}
"""The variable of the environment that names further folders."""
_PACKAGED = ("/usr/", "/etc/perl/", "/lib/")


def patterns(language: Language, program: str, home: str | None = None) -> tuple[str, ...]:
    """Patterns of the folders in which an interpreter of the host looks.

    Args:
        language: of the interpreter.
        program: path of its own file.
        home: the virtual environment it was started from, where there is one.
    """
    if language is not Language.PYTHON:
        return _FIXED.get(language, ())
    version = _VERSION.search(program)
    if version is None:
        return ()
    base, name = dirname(dirname(program)), f"python{version[1]}"
    homes = (base,) if home is None else (home, base)
    own = tuple(
        f"{one}/{lib}/{name}{more}"
        for one in homes
        for lib in ("lib", "lib64")
        for more in ("/site-packages", "", "/lib-dynload")
    )
    debian = (f"{base}/local/lib/{name}/dist-packages", f"{base}/lib/python3/dist-packages")
    return (*own, *debian)


def is_packaged(folder: str) -> bool:
    """Whether only package managers put files there, so that their records tell of all changes."""
    return f"{folder}/".startswith(_PACKAGED) and not f"{folder}/".startswith("/usr/local/")


def is_standard(folder: str) -> bool:
    """Whether it holds an interpreter's own library, which comes with the interpreter itself."""
    return _STANDARD.search(folder) is not None
