"""The readers of what others write, each as a function of bytes that answers, refuses or breaks.

Whatever a process, a peer or a log holds, a reader may refuse it by an error of insvc's own; any
other exception is a defect, and so is an answer that does not hold what it promises.
"""

import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from insvc.adapters.dbus import RETURN, Message, Reader, decode, length_of
from insvc.adapters.dbus_writer import Writer, encode
from insvc.adapters.dpkg import installed_of
from insvc.adapters.dpkg_log import changes_of
from insvc.errors import WorldError
from insvc.inspect.cgroup import group_of, owner_of, user_unit_of
from insvc.inspect.crontab import Place, parse_anacrontab, parse_crontab, parts_folder
from insvc.inspect.imports import imports_of
from insvc.inspect.init_script import read_script
from insvc.inspect.kernel import release_of
from insvc.inspect.maps import executable_lines, mapped_file, ranges_of, tail_of
from insvc.inspect.microcode import amd_updates, intel_updates
from insvc.inspect.ocf_manual import read_manual
from insvc.inspect.programs import Language, program_of
from insvc.inspect.remembered import states_in, text_of
from insvc.inspect.starlingx_pmon import read_monitored
from insvc.inspect.stat import parse_stat
from insvc.inspect.supervisord import included, read_access
from insvc.model.cron_schedule import parse


@dataclass(frozen=True, slots=True)
class Target:
    """One reader.

    Attributes:
        read: reads bytes, and fails where it should not.
        seeds: what it is meant to read.
    """

    read: Callable[[bytes], None]
    seeds: tuple[bytes, ...]


def maps(text: bytes) -> None:
    """`/proc/PID/maps`: each tail is a file, and its own line tells where it lies."""
    for tail in executable_lines(text):
        found = mapped_file(tail)
        assert found.text.startswith("/")
        major, minor = (int(part, 16) for part in found.identity.device.split(":"))
        path = found.text.encode("utf-8", "surrogateescape")
        own = tail_of(major, minor, found.identity.inode, path)
        assert mapped_file(own).text == found.text
        assert ranges_of(text, tail)


def stat(text: bytes) -> None:
    """`/proc/PID/stat`."""
    with suppress(WorldError):
        found = parse_stat(text)
        assert isinstance(found.start_ticks, int)


def cgroup(text: bytes) -> None:
    """`/proc/PID/cgroup`: whatever it says, somebody or nobody owns it."""
    group = group_of(text)
    assert group.startswith("/")
    owner = owner_of(group)
    user_unit_of(group)
    assert bool(owner.name) == (owner.group != "/")


def microcode(content: bytes) -> None:
    """Files of Intel's and AMD's microcode: every update takes some bytes of them."""
    for reader in (intel_updates, amd_updates):
        assert len(list(reader(content, 0x506E3))) <= len(content)


def kernel(text: bytes) -> None:
    """The name of a kernel: it has an order, or is of no known form."""
    found = release_of(text.decode("utf-8", "replace"))
    assert found is None or found.order


def memory(text: bytes) -> None:
    """What is remembered of sources: what is read is written and read again."""
    with suppress(ValueError):
        states = states_in(text.decode("ascii"))
        assert states_in(text_of(states)) == states


def status(text: bytes) -> None:
    """The status file of dpkg: names and versions, one a package."""
    for name, version in installed_of([text.decode("utf-8", "surrogateescape")]).items():
        assert name
        assert "\n" not in name + version


def crontab(text: bytes) -> None:
    """Crontabs of every kind: a job has a command and a schedule that can be read."""
    words = text.decode("utf-8", "surrogateescape")
    for owner in (None, "alice"):
        for job in parse_crontab(words, Place("/etc/crontab", "crontab", owner)).jobs:
            assert job.command
            assert job.schedule is None or parse(job.schedule)
            parts_folder(job)
    for job in parse_anacrontab(words, Place("/etc/anacrontab", "anacrontab", None)).jobs:
        assert job.command


def dbus(raw: bytes) -> None:
    """A message of a D-Bus peer, read as it is and as a dictionary of properties."""
    with suppress(WorldError):
        if length_of(raw):
            decode(raw).values()
    for order in "<>":
        with suppress(WorldError):
            Reader(raw, order).pick({"Id", "MainPID"})


def dpkg_log(text: bytes) -> None:
    """The log of dpkg: the moments of changes are moments."""
    for at, before, after in changes_of(text, "libx"):
        assert isinstance(at, float)
        assert before is None or before
        assert after is None or after


def imports(source: bytes) -> None:
    """A source text of any language, which may be anything."""
    words = source.decode("utf-8", "replace")
    for language in Language:
        for one in imports_of(language, words):
            assert isinstance(one.name, str)


def command(text: bytes) -> None:
    """The arguments of an interpreter, over which a process may have written anything."""
    argv = [word.decode("utf-8", "surrogateescape") for word in text.split(b"\0")]
    for language in Language:
        found = program_of(language, argv)
        assert found.language is language


def supervisord(text: bytes) -> None:
    """The configuration of supervisord."""
    words = text.decode("utf-8", "surrogateescape")
    for read in (read_access, included):
        with suppress(ValueError):
            read(words, "/etc/supervisor/supervisord.conf")


def init_script(text: bytes) -> None:
    """A script in /etc/init.d: only whole paths are taken from it, nothing for a shell to fill."""
    script = read_script("x", text.decode("utf-8", "surrogateescape"))
    paths = () if script is None else (*script.pidfiles, script.program or "/")
    for path in paths:
        assert path.startswith("/")
        assert not set(path) & set("$`'\"\\ \n")
        assert ".." not in path.split("/")


def pmon(text: bytes) -> None:
    """A file of StarlingX's process monitor."""
    with suppress(ValueError):
        found = read_monitored(text.decode("utf-8", "surrogateescape"))
        assert 0.0 <= found.startup_s < float("inf")
        assert "/" not in found.name + found.unit


def ocf(text: bytes) -> None:
    """What a resource agent tells of itself."""
    with suppress(ValueError):
        for seconds in read_manual(text.decode("utf-8", "replace")).timeouts_s.values():
            assert seconds is None or seconds >= 0.0


def _properties(told: dict[str, tuple[str, object]]) -> bytes:
    writer = Writer()
    writer.put("a{sv}", told)
    return bytes(writer.raw)


TARGETS: dict[str, Target] = {
    "maps": Target(
        maps,
        (
            b"00400000-0040b000 r-xp 00000000 08:01 7                 /bin/a b (deleted)\n"
            b"7f0000000000-7f0000001000 rw-p 00000000 00:00 0 \n"
            b"7f0000001000-7f0000002000 r-xp 00001000 00:28 12   /usr/lib/x\\012y.so\n"
            b"7ffd5f5e8000-7ffd5f5ea000 r-xp 00000000 00:00 0                   [vdso]\n",
        ),
    ),
    "stat": Target(
        stat,
        (
            b"7 (a) b) S 1 7 7 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 12345 1 2\n",
            b"8 (kthread) I 2 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 8 0 0\n",
        ),
    ),
    "cgroup": Target(
        cgroup,
        (
            b"0::/system.slice/ssh.service\n",
            b"9:name=systemd:/user.slice/user-1000.slice/user@1000.service/app.slice/x.service\n"
            b"1:cpu:/\n0::/\n",
            b"0::/machine.slice/machine-qemu\\x2d1\\x2dweb.scope\n",
            b"0::/system.slice/docker-" + b"0a" * 32 + b".scope\n",
        ),
    ),
    "microcode": Target(
        microcode,
        (
            struct.pack("<9I12x", 1, 0xF0, 0, 0x506E3, 0, 1, 2, 16, 64) + bytes(16),
            struct.pack("<11I", 0x00414D44, 0, 32, 0x506E3, 0, 0, 1, 0, 0, 0, 0)
            + struct.pack("<4I2H3IH", 1, 26, 0, 7, 0, 0, 0, 0, 0, 1),
        ),
    ),
    "kernel": Target(kernel, (b"6.1.0-0.deb11.26-cloud-amd64", b"5.14.0-362.8.1.el9_3.x86_64+rt")),
    "memory": Target(
        memory,
        (
            b'{"format": "insvc-sources/1", "states": [["/x", 1, 2, 3, 4, "'
            + b"a" * 64
            + b'", 5.5]]}',
        ),
    ),
    "status": Target(
        status,
        (
            b"Package: libx\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1:1-1\n"
            b"Description: text\n more\n\nPackage: y\nStatus: deinstall ok config-files\n\n",
        ),
    ),
    "crontab": Target(
        crontab,
        (
            b"CRON_TZ=Europe/Berlin\n*/5 1-5,7 * feb-mar mon root /usr/bin/x %in\\%put%\n",
            b"@daily root run-parts /etc/cron.daily\n0~30 * * * * root x\n",
            b"7 25 cron.weekly run-parts --report /etc/cron.weekly\n",
        ),
    ),
    "dbus": Target(
        dbus,
        (
            encode(
                Message(kind=RETURN, serial=1, reply_to=1, signature="a{sv}"),
                ({"Id": ("s", "x"), "Exec": ("a(sasb)", [("/x", ["a"], True)])},),
            ),
            _properties({"Id": ("s", "x.service"), "MainPID": ("u", 7)}),
        ),
    ),
    "dpkg-log": Target(
        dpkg_log,
        (
            b"2026-11-02 10:00:00 upgrade libx:amd64 1.3 1.4\n"
            b"2026-11-02 10:00:01 install libx:amd64 <none> 1.1\n"
            b"2026-11-02 10:00:01 status installed libx:amd64 1.1\n",
        ),
    ),
    "imports": Target(
        imports,
        (
            b"import a.b, c as d\nfrom . import (x,\n y)\n",
            b"use strict;\nrequire 'a.pl';\nuse parent -norequire, 'A::B';\n=pod\n=cut\n__END__\n",
            b"require_relative 'x'\nconst a = require('./b');\nimport x from 'y';\n",
            b"<?php require_once __DIR__ . '/x.php';\n",
        ),
    ),
    "command": Target(
        command,
        (
            b"python3\0-I\0-m\0http.server\0",
            b"perl\0-Ilib\0-MA=b\0-e\0print 1\0",
            b"node\0--require\0./x\0server.js\0",
        ),
    ),
    "supervisord": Target(
        supervisord,
        (
            b"[unix_http_server]\nfile=%(here)s/x.sock\nusername=a\npassword=b\n"
            b"[include]\nfiles = conf.d/*.conf\n[inet_http_server]\nport=127.0.0.1:9001\n",
        ),
    ),
    "init-script": Target(
        init_script,
        (
            b"#!/bin/sh\n### BEGIN INIT INFO\n# Provides: a b\n# Required-Start: $net c\n"
            b"### END INIT INFO\nNAME=a\nDAEMON=/usr/sbin/$NAME\nPIDFILE='/run/${N:-a}.pid'\n"
            b"case $1 in\n start|restart) ;;\n status ) ;;\nesac\n",
            b"#!/bin/sh\n# chkconfig: 345 1 2\n# pidfile: /run/x\nB=$A$A\nA=$B$B\nprog=$A\n",
        ),
    ),
    "pmon": Target(
        pmon,
        (
            b"[process]\nprocess = a ; b\nservice=a.service\npidfile=/run/a.pid\nmode = passive\n"
            b"severity=major\nrestarts=3\ninterval=5\ndebounce=20\nstartuptime=5\nquorum=1\n",
        ),
    ),
    "ocf": Target(
        ocf,
        (
            b'<?xml version="1.0"?><resource-agent name="a"><parameters><parameter name="b" '
            b'required="1"/></parameters><actions><action name="start" timeout="20s"/>'
            b"</actions></resource-agent>",
        ),
    ),
}
