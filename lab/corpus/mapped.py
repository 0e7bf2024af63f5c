"""Cases of mapped code: programs and libraries that packages replace, remove, rewrite or keep."""

from lab.corpus.case import HOLD, Case, When
from lab.corpus.shapes import HOLDS, LIBRARY, of_nobody

PROGRAM = {"program": "/usr/bin/sleep"}
RUNS = "{dir}/program infinity"

REPLACED = [
    Case(
        name="program-replaced",
        about="A package's program is upgraded while it runs.",
        stale=True,
        kind="mapped",
        command=RUNS,
        copies=PROGRAM,
        altered=("program",),
    ),
    Case(
        name="library-replaced",
        about="A library that a process mapped is upgraded.",
        stale=True,
        kind="mapped",
        command=HOLDS,
        copies=LIBRARY,
        altered=("lib.so",),
    ),
    Case(
        name="library-removed",
        about="The package of a mapped library is removed; nothing takes its place.",
        stale=True,
        kind="mapped",
        command=HOLDS,
        copies=LIBRARY,
        upgraded=False,
        change="dpkg --purge lab-{name}",
    ),
    Case(
        name="same-content-upgrade",
        about="The package is upgraded, but the library in it is the same byte for byte.",
        stale=False,
        kind="mapped",
        command=HOLDS,
        copies=LIBRARY,
        why="another inode, and the old one is deleted: only the content tells",
    ),
    Case(
        name="same-version-reinstalled",
        about="The package is installed again in the version that it has.",
        stale=False,
        kind="mapped",
        command=HOLDS,
        copies=LIBRARY,
        upgraded=False,
        change="apt-get install -yq --reinstall lab-{name}",
        why="another inode, and the old one is deleted: only the content tells",
    ),
    of_nobody(
        "recreated-same",
        "A mapped library of no package is deleted, and put back with the same content.",
        "cp lib.so keep && rm lib.so && mv keep lib.so",
        stale=False,
        why="another inode, and the old one is deleted: only the content tells",
    ),
    of_nobody(
        "recreated-different",
        "A mapped library of no package is deleted, and put back with other content.",
        "cp lib.so keep && echo >>keep && rm lib.so && mv keep lib.so",
        stale=True,
    ),
    of_nobody(
        "same-inode-rewritten",
        "A mapped library is overwritten in place: the same inode holds other code.",
        "(cat lib.so; echo) >keep && cat keep >lib.so && rm keep",
        stale=True,
        why="nothing is deleted and no inode differs: only the time of its last change tells",
    ),
    Case(
        name="dpkg-new",
        about="A library was mapped while dpkg unpacked it, under its name with .dpkg-new; then "
        "another version took its place.",
        stale=True,
        kind="mapped",
        setup="mkdir -p /opt/{name} && cd /opt/{name} && cp /usr/lib/*/libz.so.1 lib.so.dpkg-new",
        command=f"{HOLD} {{name}} lib /opt/{{name}}/lib.so.dpkg-new",
        change="cd /opt/{name} && (cat lib.so.dpkg-new; echo) >lib.so && rm lib.so.dpkg-new",
    ),
    Case(
        name="renamed-into-place",
        about="A program was started from a temporary name, as prelink makes it, and then renamed "
        "to its own.",
        stale=False,
        kind="mapped",
        setup="mkdir -p /opt/{name} && cp /usr/bin/sleep '/opt/{name}/program.#prelink#.Xa8'",
        command="/opt/{name}/program.#prelink#.Xa8 infinity",
        change="cd /opt/{name} && mv 'program.#prelink#.Xa8' program",
    ),
    of_nobody(
        "prelinked-copy",
        "A mapped library is replaced by a copy of itself with other times, as prelink and "
        "backup programs do.",
        "cp lib.so '#prelink#.Yb' && mv '#prelink#.Yb' lib.so",
        stale=False,
        why="another inode, and the old one is deleted: only the content tells",
    ),
    Case(
        name="untouched",
        about="A packaged program and library that no package touches.",
        stale=False,
        kind="mapped",
        command=HOLDS,
        copies=LIBRARY,
        upgraded=False,
    ),
    Case(
        name="attributes-changed",
        about="The program's mode is changed: on an overlay this copies the file up.",
        stale=False,
        kind="mapped",
        command="/usr/bin/tail -f /dev/null",
        change="chmod 755 /usr/bin/tail",
        why="its time of last change is newer than the process, and on an overlay the file's "
        "device and inode may differ from those mapped",
    ),
    Case(
        name="real-package",
        about="The distribution's haproxy, rebuilt with a higher version and another program.",
        stale=True,
        kind="mapped",
        real={"haproxy": ("/usr/sbin/haproxy",)},
        names=("haproxy.service",),
        match="^/usr/sbin/haproxy",
    ),
]

TIMING = [
    Case(
        name="seconds-before",
        about="Started in the second before the upgrade.",
        stale=True,
        kind="timing",
        command=HOLDS,
        copies=LIBRARY,
        altered=("lib.so",),
        when=When.JUST_BEFORE,
        why="start times in whole seconds, or a tolerance, hide it",
    ),
    Case(
        name="script-seconds-before",
        about="A script started in the second before its upgrade.",
        stale=True,
        kind="timing",
        command="/usr/bin/python3 {dir}/serve.py",
        texts={"serve.py": "import time\nopen('/run/lab/{name}', 'w')\nN = {version}\n"
               "while True:\n    time.sleep(3600)\n"},
        altered=("serve.py",),
        when=When.JUST_BEFORE,
        why="start times in whole seconds, or a tolerance, hide it",
    ),
    Case(
        name="seconds-after",
        about="Started right after the upgrade.",
        stale=False,
        kind="timing",
        command=HOLDS,
        copies=LIBRARY,
        altered=("lib.so",),
        when=When.AFTER,
    ),
    Case(
        name="script-seconds-after",
        about="A script started right after its upgrade.",
        stale=False,
        kind="timing",
        command="/usr/bin/python3 {dir}/serve.py",
        texts={"serve.py": "import time\nopen('/run/lab/{name}', 'w')\nN = {version}\n"
               "while True:\n    time.sleep(3600)\n"},
        altered=("serve.py",),
        when=When.AFTER,
        why="a tolerance for start times makes it look older than its script",
    ),
    Case(
        name="clock-set-back",
        about="The clock was two hours ahead when the package was installed: its files and dpkg's "
        "records are from the future; the process is started afterwards.",
        stale=False,
        kind="timing",
        command=HOLDS,
        copies=LIBRARY,
        altered=("lib.so",),
        change="touch -d '+2 hours' {dir}/lib.so /var/lib/dpkg/info/lab-{name}.*",
        when=When.AFTER,
        why="wall clock times compared say that the package is newer",
    ),
    Case(
        name="restarted",
        about="Restarted once after its library was upgraded.",
        stale=False,
        kind="timing",
        command=HOLDS,
        copies=LIBRARY,
        altered=("lib.so",),
        change="systemctl restart lab-{name}",
    ),
]  # fmt: skip

NAMES = [
    Case(
        name="brackets",
        about="A program whose name holds brackets and spaces, and looks like fields of stat.",
        stale=True,
        kind="names",
        command='"{dir}/a) R 1 (b [c]" infinity',
        copies={"a) R 1 (b [c]": "/usr/bin/sleep"},
        altered=("a) R 1 (b [c]",),
        why="/proc/PID/stat is misread where its name is taken to end at the first bracket",
    ),
    Case(
        name="newline",
        about="A library whose name holds a newline and a backslash.",
        stale=True,
        kind="names",
        setup="mkdir -p /opt/{name} && "
        "cp /usr/lib/*/libz.so.1 \"$(printf '/opt/{name}/l\\nb\\\\.so')\"",
        command=f'{HOLD} {{name}} lib "/opt/{{name}}/l\\nb\\\\.so"',
        change='cd /opt/{name} && for f in l*; do cp "$f" keep; echo >>keep; mv keep "$f"; done',
        why="maps writes a newline as \\012, and a name with a real \\012 in it looks the same",
    ),
    Case(
        name="called-deleted",
        about="A program whose file is really called `program (deleted)`, and is untouched.",
        stale=False,
        kind="names",
        command='"{dir}/program (deleted)" infinity',
        copies={"program (deleted)": "/usr/bin/sleep"},
        upgraded=False,
        why="the kernel's mark for a deleted file is part of this one's name",
    ),
]

CASES = [*REPLACED, *TIMING, *NAMES]
