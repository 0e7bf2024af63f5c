"""Cases of interpreters: the code that is replaced is a script, a module or an archive."""

from lab.corpus.case import HOLD, Case
from lab.corpus.shapes import java

PYTHON = """import time
open("/run/lab/{name}", "w").close()
version = {version}
while True:
    time.sleep(3600)
"""
PERL = """#!/usr/bin/perl
open(my $ready, ">", "/run/lab/{name}"); close($ready);
my $version = {version};
sleep 3600 while 1;
"""
SHELL = """#!/bin/sh
version={version}
: >/run/lab/{name}
while :; do sleep 3600; done
"""
RUBY = """File.write("/run/lab/{name}", "")
version = {version}
sleep
"""
NODE = """require("fs").writeFileSync("/run/lab/{name}", "");
const version = {version};
setInterval(() => {}, 3600000);
"""
PHP = """<?php
touch("/run/lab/{name}");
$version = {version};
while (true) { sleep(3600); }
"""
PACKAGED = "/usr/lib/python3/dist-packages/lab_part.py"
MODULE = "version = {version}\n"
PERL_MODULE = "package Part; our $version = {version}; 1;\n"


def _script(name: str, interpreter: str, file: str, text: str, why: str = "") -> Case:
    """A long-running script of a package that is upgraded."""
    return Case(
        name=name,
        about=f"A script run by {interpreter.rsplit('/', maxsplit=1)[-1]} is upgraded.",
        stale=True,
        kind="scripts",
        command=f"{interpreter} {{dir}}/{file}",
        texts={file: text},
        altered=(file,),
        why=why or "nothing it maps is replaced: the script is read once and closed",
    )


CASES = [
    _script("python-script", "/usr/bin/python3", "serve.py", PYTHON),
    _script("python-options", "/usr/bin/python3 -u -W ignore -X utf8", "serve.py", PYTHON),
    _script("perl-script", "/usr/bin/perl -w", "serve.pl", PERL),
    _script("shell-script", "/bin/sh", "serve.sh", SHELL),
    _script("ruby-script", "/usr/bin/ruby", "serve.rb", RUBY),
    _script("node-script", "/usr/bin/node", "serve.js", NODE),
    _script("php-script", "/usr/bin/php", "serve.php", PHP),
    Case(
        name="script-by-name",
        about="A script started by its own name, through its first line, is upgraded.",
        stale=True,
        kind="scripts",
        command="{dir}/serve",
        texts={"serve": "#!/usr/bin/python3\n" + PYTHON},
        altered=("serve",),
        why="nothing it maps is replaced: the script is read once and closed",
    ),
    Case(
        name="script-relative",
        about="A script named relative to the working directory is upgraded.",
        stale=True,
        kind="scripts",
        command="/usr/bin/python3 serve.py",
        unit="WorkingDirectory={dir}",
        texts={"serve.py": PYTHON},
        altered=("serve.py",),
        why="its path is only known together with its working directory",
    ),
    Case(
        name="python-module",
        about="A module in Python's own folder for packages, imported by an untouched script.",
        stale=True,
        kind="scripts",
        command="/usr/bin/python3 {dir}/serve.py",
        texts={"serve.py": "import lab_part\n" + PYTHON, PACKAGED: MODULE},
        altered=(PACKAGED,),
        why="the module is nowhere in what the process has open or mapped",
    ),
    Case(
        name="python-module-beside",
        about="A module in the folder of the script that imports it is upgraded.",
        stale=True,
        kind="scripts",
        command="/usr/bin/python3 {dir}/serve.py",
        texts={"serve.py": "import part\n" + PYTHON, "part.py": MODULE},
        altered=("part.py",),
        why="the module is nowhere in what the process has open or mapped",
    ),
    Case(
        name="python-run-as-module",
        about="A package run with -m is upgraded.",
        stale=True,
        kind="scripts",
        command="/usr/bin/python3 -m served",
        unit="Environment=PYTHONPATH={dir}",
        texts={"served/__init__.py": "", "served/__main__.py": PYTHON},
        altered=("served/__main__.py",),
        why="its command line names no file",
    ),
    Case(
        name="python-bytecode-only",
        about="Only the compiled form of its module is written anew.",
        stale=False,
        kind="scripts",
        command="/usr/bin/python3 {dir}/serve.py",
        texts={"serve.py": "import part\n" + PYTHON, "part.py": MODULE},
        upgraded=False,
        change="rm -rf {dir}/__pycache__ && python3 -m compileall -q {dir}",
    ),
    Case(
        name="python-other-module",
        about="A module that it does not import, in another folder of its package, is upgraded.",
        stale=False,
        kind="scripts",
        command="/usr/bin/python3 {dir}/bin/serve.py",
        texts={"bin/serve.py": PYTHON, "tools/offline.py": MODULE},
        altered=("tools/offline.py",),
        why="its script was put there anew with the same content; nothing on the host remembers "
        "what it held before",
    ),
    Case(
        name="python-same-script",
        about="Its package is upgraded; the script in it is the same.",
        stale=False,
        kind="scripts",
        command="/usr/bin/python3 {dir}/serve.py",
        texts={"serve.py": PYTHON, "README": "{version}\n"},
        altered=("README",),
        why="its script was put there anew with the same content; nothing on the host remembers "
        "what it held before",
    ),
    Case(
        name="python-same-module",
        about="Its package is upgraded; the script and the module it imports are the same.",
        stale=False,
        kind="scripts",
        command="/usr/bin/python3 {dir}/serve.py",
        texts={"serve.py": "import part\n" + PYTHON, "part.py": MODULE, "README": "{version}\n"},
        altered=("README",),
        why="the module's inode and times are newer than the process; its content is the same",
    ),
    Case(
        name="python-same-script-module-changed",
        about="Its package is upgraded; the script is the same, a module it imports is not.",
        stale=True,
        kind="scripts",
        command="/usr/bin/python3 {dir}/serve.py",
        texts={"serve.py": "import part\n" + PYTHON, "part.py": MODULE},
        altered=("part.py",),
        why="that the script is the same says nothing of what it loads",
    ),
    Case(
        name="perl-same-script",
        about="Its package is upgraded; the script and the module it uses are the same.",
        stale=False,
        kind="scripts",
        command="/usr/bin/perl -I{dir} {dir}/serve.pl",
        texts={"serve.pl": "use Part;\n" + PERL, "Part.pm": PERL_MODULE, "README": "{version}\n"},
        altered=("README",),
        why="the script's inode and times are newer than the process; its content is the same",
    ),
    Case(
        name="python-extension",
        about="A compiled extension that a Python service loaded is upgraded.",
        stale=True,
        kind="scripts",
        command=f"{HOLD} {{name}} lib {{dir}}/part.cpython-311-x86_64-linux-gnu.so",
        copies={"part.cpython-311-x86_64-linux-gnu.so": "/usr/lib/*/libz.so.1"},
        altered=("part.cpython-311-x86_64-linux-gnu.so",),
    ),
    Case(
        name="perl-module",
        about="A Perl module, used by an untouched script, is upgraded.",
        stale=True,
        kind="scripts",
        command="/usr/bin/perl -I{dir} {dir}/serve.pl",
        texts={"serve.pl": "use Part;\n" + PERL, "Part.pm": PERL_MODULE},
        altered=("Part.pm",),
        why="the module is nowhere in what the process has open or mapped",
    ),
    java(
        "java-archive",
        "The archive that `java -jar` runs is upgraded.",
        "-jar {dir}/serve.jar",
        why="the archive is read, not mapped as code",
    ),
    java(
        "java-class-path",
        "An archive on the class path, still open, is upgraded.",
        "-cp {dir}/serve.jar Serve",
    ),
    java(
        "java-untouched",
        "A Java service whose archive nobody touches.",
        "-jar {dir}/serve.jar",
        stale=False,
    ),
]
