"""The files that say what a host is and what it runs."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from insvc.adapters.definitions import check_definition, check_drain, read_definitions, read_host
from insvc.adapters.wire import to_json
from insvc.errors import InputError
from insvc.model.act import DrainRule
from insvc.model.words import Manager, Personality, Role
from insvc.supervise.definition import (
    ActiveCheck,
    FailureBudget,
    Heartbeat,
    ScriptControl,
    ServiceDefinition,
    StatusCheck,
)

HOST = {
    "host": "h",
    "personality": "controller",
    "subfunctions": ["worker"],
    "address": "127.0.0.2",
    "oam_address": "127.0.0.100",
    "initial_role": "active",
    "python": "/usr/bin/python3",
}
DEFINITION = ServiceDefinition(
    name="x", manager=Manager.PMON, package="x", command=("usr/bin/x",), pidfile="run/x.pid"
)
ALL = frozenset(Manager)


def write(root: Path, name: str, **fields: Any) -> None:
    folder = root / "etc/insvc/services.d"
    folder.mkdir(parents=True, exist_ok=True)
    definition = {
        "name": name, "manager": "pmon", "package": name, "command": ["p"], "pidfile": "run/p.pid",
    }  # fmt: skip
    (folder / f"{name}.json").write_text(json.dumps({**definition, **fields}))


def test_a_host_is_what_its_file_says(tmp_path: Path) -> None:
    (tmp_path / "host.json").write_text(json.dumps(HOST))
    host = read_host(tmp_path)
    assert (host.personality, host.subfunctions) == (Personality.CONTROLLER, (Personality.WORKER,))
    assert host.initial_role is Role.ACTIVE


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "cannot be read"),
        ("{", "is not JSON"),
        (json.dumps({**HOST, "personality": "king"}), "personality: found king"),
    ],
)
def test_a_host_file_that_is_none_is_refused(tmp_path: Path, text: str | None, words: str) -> None:
    if text is not None:
        (tmp_path / "host.json").write_text(text)
    with pytest.raises(InputError, match=words):
        read_host(tmp_path)


def test_each_manager_reads_its_own_services(tmp_path: Path) -> None:
    write(tmp_path, "a")
    write(tmp_path, "b", manager="sm")
    found, faults = read_definitions(tmp_path, frozenset({Manager.SM}))
    assert (list(found), faults) == (["b"], ())


def test_a_host_without_definitions_runs_nothing(tmp_path: Path) -> None:
    assert read_definitions(tmp_path, ALL) == ({}, ())


def test_a_faulty_file_is_told_and_hides_only_itself(tmp_path: Path) -> None:
    write(tmp_path, "a")
    write(tmp_path, "b", manager="king")
    found, faults = read_definitions(tmp_path, ALL)
    assert list(found) == ["a"]
    assert faults[0].startswith("b.json: manager: found king, expected one of pmon")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"command": ()}, "found both or neither of a command and a script"),
        ({"script": ScriptControl(style="lsb", name="etc/init.d/x")}, "found both or neither"),
        ({"pidfile": ""}, "found no pid file"),
        ({"helpers": "("}, "missing )"),
        ({"manager": Manager.CRON}, "found 0 fields"),
        ({"manager": Manager.CRON, "schedule": "0 0 30 2 *"}, "never comes true"),
        ({"drain": DrainRule(signal="SIGTERM")}, "found signal 'SIGTERM'"),
    ],
)
def test_what_a_manager_could_not_act_on_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError) as refusal:
        check_definition(replace(DEFINITION, **change))
    assert words in refusal.value.reason


@pytest.mark.parametrize(
    "beat",
    [
        Heartbeat(port=1, warn=0),
        Heartbeat(port=1, warn=4, degrade=3),
        Heartbeat(port=1, degrade=6, fail=5),
        Heartbeat(port=1, interval_s=0.0),
    ],
)
def test_heartbeats_in_no_order_are_refused(beat: Heartbeat) -> None:
    with pytest.raises(InputError, match="expected 0 < warn <= degrade <= fail"):
        check_definition(replace(DEFINITION, heartbeat=beat))


def test_what_a_manager_can_act_on_passes() -> None:
    check_definition(replace(DEFINITION, manager=Manager.CRON, schedule="*/5 * * * *"))
    alone = ScriptControl(style="ocf", name="heartbeat:IPaddr2", has_process=False)
    check_definition(replace(DEFINITION, command=(), pidfile="", script=alone))
    check_definition(replace(DEFINITION, helpers="^haproxy .*metadata"))


def test_an_end_of_the_drain_time_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InputError, match="found on_timeout 'wait', expected kill or leave"):
        check_drain(DrainRule(on_timeout="wait"), "x")


def test_a_definition_with_every_part_survives_its_file(tmp_path: Path) -> None:
    full = ServiceDefinition(
        name="full",
        manager=Manager.SM,
        package="full",
        pidfile="run/full.pid",
        script=ScriptControl(
            style="ocf", name="heartbeat:Dummy", parameters={"state": "/run/full"}
        ),
        active_check=ActiveCheck(port=2201, period_s=5, timeout_s=4, threshold=3),
        status_check=StatusCheck(period_s=30, timeout_s=120, failure_text="tmp/why"),
        subfunction="last-config",
        budget=FailureBudget(deaths=32),
    )
    folder = tmp_path / "etc/insvc/services.d"
    folder.mkdir(parents=True)
    (folder / "full.json").write_text(json.dumps(to_json(full)))
    assert read_definitions(tmp_path, ALL) == ({"full": full}, ())
