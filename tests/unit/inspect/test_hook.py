"""`insvc.inspect.hook`: what package managers are told, tried with a real shell."""

import subprocess
import sys
from pathlib import Path

import pytest

from insvc.inspect.hook import (
    HOOKS,
    LIMIT_S,
    REMEMBER_LIMIT_S,
    Hook,
    HookState,
    command_of,
    path_fault,
    remember_command,
    state_of,
)

PROGRAM = "/opt/insvc/bin/insvc"
APT, DNF, DNF_EARLIER, DNF5, ZYPPER = HOOKS


def test_each_package_manager_reads_its_own_form() -> None:
    command = command_of(PROGRAM)
    earlier = remember_command(PROGRAM)
    assert APT.text(PROGRAM).splitlines()[1:] == [
        f'DPkg::Pre-Invoke {{ "{earlier}"; }};',
        f'DPkg::Post-Invoke {{ "{command}"; }};',
    ]
    assert DNF_EARLIER.text(PROGRAM).splitlines()[1:] == [f"*:any:{earlier}"]
    assert DNF.text(PROGRAM).splitlines()[1] == f"*:any:{command}"
    before, line = DNF5.text(PROGRAM).splitlines()[1:]
    assert before.removeprefix("pre_transaction::::/bin/sh -c ").replace("\\ ", " ") == earlier
    assert line.startswith("post_transaction::::/bin/sh -c [\\ !\\ -x\\ /opt")
    assert line.removeprefix("post_transaction::::/bin/sh -c ").replace("\\ ", " ") == command
    assert [hook.path for hook in HOOKS] == [
        "etc/apt/apt.conf.d/99insvc",
        "etc/dnf/plugins/post-transaction-actions.d/insvc.action",
        "etc/dnf/plugins/pre-transaction-actions.d/insvc.action",
        "etc/dnf/libdnf5-plugins/actions.d/insvc.actions",
        "usr/lib/zypp/plugins/commit/insvc",
    ]
    assert ZYPPER.text(PROGRAM).startswith("#!/bin/sh\n# Written by")
    assert f"{{ {command}; }} 2>&1" in ZYPPER.text(PROGRAM)


def test_no_form_holds_what_would_end_it_early() -> None:
    for command in (command_of(PROGRAM), remember_command(PROGRAM)):
        assert not {'"', "$"} & set(command)
    assert (LIMIT_S, REMEMBER_LIMIT_S) == (20, 10)  # as the help of the command says
    assert "timeout -k 1 10 " in remember_command(PROGRAM)
    assert "timeout -k 2 20 " in command_of(PROGRAM)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo $* >&2; read line || echo end", "scan --local --brief\nend\n"),
        ("exit 3", ""),
        (None, ""),
    ],
)
def test_the_command_asks_nothing_and_never_fails(
    tmp_path: Path, script: str | None, said: str
) -> None:
    program = tmp_path / "insvc"
    if script is not None:
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", "-c", command_of(str(program))],
        capture_output=True,
        text=True,
        check=False,
        input="would be an answer\n",
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", said)


SPOKEN = (
    b"PLUGINBEGIN\n\n\0"
    b'COMMITBEGIN\n\n{\n"TransactionStepList": [{\n"n": "COMMITEND"\n}]\n}\0'
    b'COMMITEND\n\n{\n"TransactionStepList": []\n}\0'
    b"PLUGINEND\n\n\0"
    b"_DISCONNECT\n\n\0"
)
"""What zypper says to a plugin in a transaction, as it was recorded."""
ZYPPERS_PLACE = """
import subprocess, sys
shell, plugin, spoken, said = sys.argv[1:]
with open(spoken) as read, open(said, "w") as written:
    sys.exit(subprocess.call([shell, plugin], stdin=read, stdout=written))
"""
"""A program that speaks with a plugin as zypper does: over its own files, not its own output."""


@pytest.mark.parametrize("shell", ["sh", "bash"])
@pytest.mark.parametrize("is_there", [True, False])
def test_zyppers_plugin_confirms_every_message_and_scans_once(
    tmp_path: Path, shell: str, is_there: bool
) -> None:
    program, plugin = tmp_path / "insvc", tmp_path / "plugin"
    plugin.write_text(ZYPPER.text(str(program)))
    if is_there:
        text = f'#!/bin/sh\necho "called: $*" | tee -a {tmp_path}/calls\ncat\nexit 3\n'
        program.write_text(text)
        program.chmod(0o755)
    (tmp_path / "spoken").write_bytes(SPOKEN)
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            ZYPPERS_PLACE,
            shell,
            plugin,
            tmp_path / "spoken",
            tmp_path / "said",
        ],
        capture_output=True,
        check=False,
    )
    assert (tmp_path / "said").read_bytes() == b"ACK\n\n\0" * 5
    told = b"called: scan --local --brief\n" if is_there else b""
    assert (done.returncode, done.stdout, done.stderr) == (0, told, b"")
    if is_there:
        calls = (tmp_path / "calls").read_bytes()
        assert calls == b"called: hook remember\n" + told


@pytest.mark.parametrize("script", ["echo $*; echo $* >&2; exit 3", None])
def test_remembering_says_nothing_and_never_fails(tmp_path: Path, script: str | None) -> None:
    program = tmp_path / "insvc"
    if script is not None:
        program.write_text(f"#!/bin/sh\necho $* >{tmp_path}/called\n{script}\n")
        program.chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", "-c", remember_command(str(program))], capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    if script is not None:
        assert (tmp_path / "called").read_text() == "hook remember\n"


@pytest.mark.parametrize(
    "path", ["insvc", "/opt/my insvc", '/opt/"x"', "/opt/$x", "/opt/../insvc", "/", "/a\nb", ""]
)
def test_a_path_that_could_mean_something_else_is_refused(path: str) -> None:
    assert path_fault(path) is not None


def test_a_plain_path_is_taken() -> None:
    assert path_fault(PROGRAM) is None
    assert path_fault(sys.executable) is None


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook.manager)
def test_a_place_is_known_by_its_first_line(hook: Hook) -> None:
    text = hook.text(PROGRAM)
    assert state_of(hook, None, PROGRAM) is HookState.ABSENT
    assert state_of(hook, text, PROGRAM) is HookState.CURRENT
    assert state_of(hook, text, "/usr/bin/insvc") is HookState.OUTDATED
    assert state_of(hook, "\n" + text, PROGRAM) is HookState.FOREIGN
    assert state_of(hook, "", PROGRAM) is HookState.FOREIGN
