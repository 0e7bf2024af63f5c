"""How scripts of services are called and asked."""

import os
import select
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from insvc.adapters.launcher import Launcher
from insvc.adapters.script_control import call, call_of, look_at, pid_file
from insvc.errors import InputError, UnknownName, WorldError
from insvc.model.words import Manager
from insvc.supervise.definition import ActionRule, ScriptControl, ServiceDefinition
from insvc.supervise.exit_codes import Grade
from tests.fakes.host_folder import HostFolder
from tests.fakes.service_scripts import write_program

pytestmark = pytest.mark.integration
SCRIPT = ScriptControl(style="lsb", name="etc/init.d/x", status=ActionRule(pause_s=7.0))
DEFINITION = ServiceDefinition(
    name="x", manager=Manager.SM, package="x", script=SCRIPT, pidfile="run/x.pid"
)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[HostFolder]:
    made = HostFolder(tmp_path / "cloud" / "hosts" / "h")
    yield made
    made.clean()


@pytest.fixture
def launcher(folder: HostFolder) -> Launcher:
    return Launcher(folder.path, folder.host)


def test_a_script_is_called_in_its_root_with_its_service_s_environment(
    folder: HostFolder, launcher: Launcher
) -> None:
    text = '#!/bin/sh\necho "$1 $INSVC_ACT $INSVC_SERVICE $(pwd)"\nexit 3\n'
    write_program(folder.root / "etc/init.d/x", text)
    held = call(launcher, DEFINITION, "start")
    assert select.select([held.fd], [], [], 20)[0]
    assert held.reap() == 3
    held.close()
    assert (folder.path / "log/x.log").read_text() == f"start start x {folder.root}\n"


def test_an_agent_is_told_of_its_resource(folder: HostFolder, launcher: Launcher) -> None:
    path = folder.root / "usr/lib/ocf/resource.d/heartbeat/Here"
    write_program(path, "#!/bin/sh\n")
    script = replace(SCRIPT, style="ocf", name="ocf:heartbeat:Here", parameters={"ip": "::1"})
    command, environment = call_of(launcher, replace(DEFINITION, script=script), "status")
    assert command == [str(path), "monitor"]
    assert environment["OCF_RESKEY_ip"] == "::1"
    assert environment["OCF_ROOT"] == str(folder.root / "usr/lib/ocf")
    assert environment["INSVC_SERVICE"] == environment["OCF_RESOURCE_INSTANCE"] == "x"


def test_a_unit_is_asked_for_by_its_name(launcher: Launcher) -> None:
    script = replace(SCRIPT, style="systemd", name="nginx.service")
    command, environment = call_of(launcher, replace(DEFINITION, script=script), "stop")
    assert (command[0], command[-2:]) == (launcher.host.python, ["stop", "nginx.service"])
    assert Path(environment["INSVC_LIBRARY"], "insvc").is_dir()


def test_a_look_is_tried_as_often_as_it_may_be(folder: HostFolder, launcher: Launcher) -> None:
    count = folder.path / "count"
    text = f'#!/bin/sh\necho . >> {count}\n[ "$(wc -l < {count})" -ge 3 ]\n'
    write_program(folder.root / "etc/init.d/x", text)
    pauses: list[float] = []
    assert look_at(launcher, DEFINITION) is None
    assert look_at(launcher, DEFINITION, tries=3, pause=pauses.append) is Grade.FULL
    assert pauses == [7.0]
    assert count.read_text().count(".") == 3


def test_a_look_that_does_not_end_has_found_nothing(folder: HostFolder, launcher: Launcher) -> None:
    write_program(folder.root / "etc/init.d/x", "#!/bin/sh\nexec sleep 1000\n")
    script = replace(SCRIPT, status=ActionRule(timeout_s=0.05))
    assert look_at(launcher, replace(DEFINITION, script=script)) is None


def test_what_others_could_have_written_is_not_run(folder: HostFolder, launcher: Launcher) -> None:
    path = folder.root / "etc/init.d/x"
    with pytest.raises(WorldError, match="its script is not run"):
        call(launcher, DEFINITION, "start")
    write_program(path, "#!/bin/sh\n")
    path.chmod(0o777)
    with pytest.raises(WorldError, match="may be written by others"):
        call(launcher, DEFINITION, "start")


def test_an_agent_that_is_named_wrongly_or_missing_is_refused(launcher: Launcher) -> None:
    for name, fault in (("Here", InputError), ("heartbeat:Here", UnknownName)):
        script = replace(SCRIPT, style="ocf", name=name)
        with pytest.raises(fault):
            call_of(launcher, replace(DEFINITION, script=script), "start")


def test_a_service_without_a_script_is_not_asked_for_one(launcher: Launcher) -> None:
    with pytest.raises(InputError, match="is controlled by no script"):
        call_of(launcher, replace(DEFINITION, script=None), "start")


def test_a_pid_file_is_looked_for_where_the_host_s_files_are(
    folder: HostFolder, launcher: Launcher
) -> None:
    file = pid_file(launcher, DEFINITION, 5.0)
    assert (file.path, file.program, file.unit) == (folder.root / "run/x.pid", "", "")
    assert (file.service, file.called_at) == ("x", 5.0)
    write_program(folder.root / "usr/sbin/x", "")
    own = replace(SCRIPT, program="/usr/sbin/x")
    shell = replace(SCRIPT, program="/bin/sh", style="systemd", name="x.service")
    found = pid_file(launcher, replace(DEFINITION, script=own), None)
    assert found.program == os.path.realpath(folder.root / "usr/sbin/x")
    found = pid_file(launcher, replace(DEFINITION, script=shell), None)
    assert (found.program, found.unit) == (os.path.realpath("/bin/sh"), "x.service")
