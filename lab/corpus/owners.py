"""Cases that are about whose the process is: children, sessions, cron, supervisord, nobody."""

from lab.corpus.case import HOLD, Case
from lab.corpus.shapes import LIBRARY

MAPS = "lib {dir}/lib.so"


def _held(name: str, words: str, about: str, why: str = "", *, stale: bool = True) -> Case:
    """A process with its own unit that maps a library, which is upgraded if it is to be stale."""
    return Case(
        name=name,
        about=about,
        stale=stale,
        kind="owners",
        command=f"{HOLD} {{name}} {words}",
        copies=LIBRARY,
        altered=("lib.so",) if stale else (),
        upgraded=stale,
        why=why,
    )


UNITS = [
    _held(
        "helper-child",
        f"child - {MAPS}",
        "Only a child of the service's main process maps the library that is upgraded.",
        "the main process is current",
    ),
    _held(
        "helper-unprivileged",
        f"child - {MAPS} user 65534",
        "The child has given up its privileges.",
        "the main process is current",
    ),
    _held(
        "helper-daemon",
        f"daemon - {MAPS}",
        "The child is a daemon of its own: its parent is process 1.",
        "only its control group ties it to its service",
    ),
    _held(
        "undumpable",
        f"{MAPS} undumpable -",
        "The process refuses to be looked at (ssh-agent and gpg-agent do).",
        "parts of its /proc belong to root alone",
    ),
    _held(
        "leaderless",
        f"{MAPS} leaderless {{name}}",
        "The first thread of the process has ended; the others go on.",
        "/proc/PID/maps of a process whose first thread ended is empty",
    ),
    _held("unprivileged", f"{MAPS} user 65534", "A service of an ordinary user."),
    Case(
        name="frozen",
        about="The service is frozen when its library is upgraded.",
        stale=True,
        kind="owners",
        command=f"{HOLD} {{name}} {MAPS}",
        copies=LIBRARY,
        altered=("lib.so",),
        change="systemctl freeze lab-{name}",
        why="nothing that waits for the process itself comes to an end",
    ),
]

OTHERS = [
    Case(
        name="login-session",
        about="A program in a user's login session, whose library is upgraded.",
        stale=True,
        kind="owners",
        setup="id lab >/dev/null 2>&1 || useradd -m -u 4001 lab",
        start=f"su -l lab -c 'exec {HOLD} {{name}} {MAPS}' >/dev/null 2>&1 </dev/null &",
        copies=LIBRARY,
        altered=("lib.so",),
        names=("session-*", "SESS: lab @ session*"),
        match=r"hold\.py login-session ",
        why="it belongs to a session: no service is to blame, and only its user may end it",
    ),
    Case(
        name="user-unit",
        about="A service of a user's own service manager, whose library is upgraded.",
        stale=True,
        kind="owners",
        setup="useradd -m -u 4002 keeper; loginctl enable-linger keeper",
        start="until [ -S /run/user/4002/systemd/private ]; do sleep 0.05; done; "
        "runuser -u keeper -- env XDG_RUNTIME_DIR=/run/user/4002 systemd-run -q --user "
        f"--unit=mine {HOLD} {{name}} {MAPS}",
        copies=LIBRARY,
        altered=("lib.so",),
        names=("user@4002.service", "SESS: keeper @*"),
        match=r"hold\.py user-unit ",
        why="the system's service manager does not know the unit",
    ),
    Case(
        name="sd-pam",
        about="A PAM module is upgraded, which only the `(sd-pam)` helper of a user's service "
        "manager has mapped.",
        stale=False,
        kind="owners",
        setup="useradd -m -u 4003 waiting; loginctl enable-linger waiting",
        start="until pgrep -u waiting -f '^.sd-pam.' >/dev/null; do sleep 0.05; done",
        real={"libpam-modules": ("/usr/lib/*/security/pam_env.so", "/lib/*/security/pam_env.so")},
        names=("user@4003.service", "SESS: waiting @*"),
        match=r"^\(sd-pam\)",
        why="it runs nothing of it any more but the end of the session; a restart of no service "
        "cures it",
    ),
    Case(
        name="cron-job",
        about="A cron job that runs since before its library was upgraded.",
        stale=True,
        kind="owners",
        setup="mkdir -p /etc/cron.d && "
        f'echo "@reboot root {HOLD} {{name}} {MAPS}" >/etc/cron.d/{{name}}',
        start="rm -f /run/crond.reboot && systemctl restart cron",
        copies=LIBRARY,
        altered=("lib.so",),
        names=("cron.d/cron-job:*",),
        match=r"^/usr/bin/python3 /opt/lab/hold\.py cron-job ",
        why="the job is in the control group of cron.service, which is current itself",
    ),
    Case(
        name="supervisord-program",
        about="A program under supervisord, whose library is upgraded.",
        stale=True,
        kind="owners",
        setup=f"printf '[program:lab-{{name}}]\\ncommand={HOLD} {{name}} {MAPS}\\n' "
        ">/etc/supervisor/conf.d/{name}.conf",
        start="supervisorctl update",
        copies=LIBRARY,
        altered=("lib.so",),
        names=("lab-supervisord-program", "supervisor.service", "supervisord:*"),
        match=r"hold\.py supervisord-program ",
        why="supervisord itself is current",
    ),
    Case(
        name="nobodys",
        about="A program that an operator left running outside every service.",
        stale=True,
        kind="owners",
        start=f"setsid {HOLD} {{name}} {MAPS} >/dev/null 2>&1 </dev/null &",
        copies=LIBRARY,
        altered=("lib.so",),
        names=("process:nobodys", "process:hold.py", "process:python3*"),
        match=r"hold\.py nobodys ",
        why="no service is to blame",
    ),
]


def _emulator(name: str, emulator: str, start: str, owner: str, about: str, why: str) -> Case:
    """A stand-in under an emulator's name, which is upgraded while it runs."""
    return Case(
        name=name,
        about=about,
        stale=True,
        kind="owners",
        start=f"{start} {emulator} -c '{WAIT}' {{name}} {owner} >/dev/null 2>&1 </dev/null &",
        copies={emulator: "/usr/bin/python3.11"},
        altered=(emulator,),
        names=(f"guest:{name}",),
        match=rf"{emulator} -c .* {name}( |$)",
        why=why,
    )


WAIT = 'import sys, time; open("/run/lab/" + sys.argv[1], "w").close(); time.sleep(36000)'
GUESTS = [
    _emulator(
        "guest-by-name",
        "/usr/bin/qemu-system-x86_64",
        "setsid",
        "-name guest=guest-by-name,debug-threads=on",
        "A virtual machine started by hand, whose emulator is upgraded (a stand-in by its name).",
        "only its command line tells whose it is",
    ),
    _emulator(
        "guest-by-scope",
        "/usr/bin/qemu-system-i386",
        "systemd-run -q --scope --slice=machine.slice "
        "--unit=machine-qemu\\\\x2d7\\\\x2dguest\\\\x2dby\\\\x2dscope.scope",
        "",
        "The same in the control group systemd-machined gives it, where it was told no name.",
        "needrestart tells of guests on a terminal alone, not in the form it is asked here",
    ),
]


def _bystander(name: str, unit: str, match: str, why: str = "") -> Case:
    """A service of the host that nothing is done to."""
    return Case(
        name=name,
        about=f"The host's own {unit}, untouched.",
        stale=False,
        kind="bystanders",
        names=(unit,),
        match=match,
        why=why,
    )


BYSTANDERS = [
    _bystander("service-manager", "init.scope", r"^/usr/lib/systemd/systemd$|^/sbin/init"),
    _bystander("journal", "systemd-journald.service", "^/lib/systemd/systemd-journald"),
    _bystander("logins", "systemd-logind.service", "^/lib/systemd/systemd-logind"),
    _bystander("message-bus", "dbus.service", "^/usr/bin/dbus-daemon --system"),
    _bystander(
        "cron-itself",
        "cron.service",
        "^/usr/sbin/cron -f",
        "a stale job of cron's is in cron's own control group",
    ),
    _bystander("supervisord-itself", "its pid alone", "supervisord -n"),
]

CASES = [*UNITS, *OTHERS, *GUESTS, *BYSTANDERS]
