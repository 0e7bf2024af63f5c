"""What sm-api is asked, and the forms of its answers."""

from dataclasses import replace

import pytest

from insvc.model.sm_table import GroupRow
from insvc.model.words import Role
from insvc.supervise.sm_api import (
    Action,
    ErrorCode,
    NodeCommand,
    assignments,
    is_swacted,
    node_row,
    peer_row,
    pre_checked,
    read_command,
    service_node,
    swacted,
)
from insvc.supervise.swact import Nodes, NodeState, PreCheck, Swacted, What

OWN = NodeState(host="c0", role=Role.ACTIVE)
PEER = NodeState(host="c1", role=Role.STANDBY)
PAIR = Nodes(own=OWN, peer_name="c1", peer=PEER, heard_s=0.1, is_heard=True)
ALONE = Nodes(own=OWN)


def test_a_request_is_read() -> None:
    given = {"origin": "mtce", "action": "event", "admin": "locked", "oper": "disabled"}
    assert read_command({**given, "avail": "offline"}) == NodeCommand(
        origin="mtce", action=Action.EVENT, admin="locked", oper="disabled", avail="offline"
    )
    assert read_command({"origin": "vim", "action": "swact", "admin": None}) == NodeCommand(
        origin="vim", action=Action.SWACT
    )


def test_everything_that_is_wrong_with_a_request_is_told_at_once() -> None:
    found = read_command({"action": "dance", "admin": "open", "oper": 7, "host": "c0"})
    assert found == (
        "host: is not known; known are origin, action, admin, oper, avail",
        "oper: found 7, expected text",
        "origin: is missing",
        "action: found 'dance', expected one of event, lock, lock-pre-check, swact, swact-force, "
        "swact-pre-check, unlock",
        "admin: found 'open', expected one of locked, unknown, unlocked",
    )


def test_an_event_says_how_the_asker_sees_the_host() -> None:
    assert read_command({"origin": "mtce", "action": "event", "oper": "enabled"}) == (
        "admin: is missing",
        "avail: is missing",
    )


@pytest.mark.parametrize("value", [None, 7, "swact", ["swact"]])
def test_what_is_no_object_is_no_request(value: object) -> None:
    assert read_command(value) == (f"found {value!r}, expected an object with origin and action",)


@pytest.mark.parametrize(
    ("what", "nodes", "code"),
    [
        (What.SWACT, PAIR, ErrorCode.FAILED),
        (What.SWACT, ALONE, ErrorCode.NOBODY_TO_SWACT_TO),
        (What.SWACT, replace(PAIR, is_heard=False), ErrorCode.NOBODY_TO_SWACT_TO),
        (What.SWACT, replace(PAIR, peer=replace(PEER, locked=True)), ErrorCode.NOBODY_TO_SWACT_TO),
        (
            What.SWACT,
            replace(PAIR, peer=replace(PEER, is_ready=False)),
            ErrorCode.NOBODY_TO_SWACT_TO,
        ),
        (What.LOCK, PAIR, ErrorCode.SOLE_PROVIDER),
        (What.LOCK, replace(PAIR, own=replace(OWN, role=Role.STANDBY)), ErrorCode.FAILED),
    ],
)
def test_a_refusal_tells_its_kind_and_all_its_reasons(
    what: What, nodes: Nodes, code: ErrorCode
) -> None:
    told = pre_checked(what, PreCheck(refusals=("a", "b"), impacted=("vim",)), nodes)
    assert (told.code, told.details, told.impacted) == (code, "a; b", ("vim",))
    assert pre_checked(what, PreCheck(), nodes).code is ErrorCode.DONE


def test_a_swact_that_was_done_is_done_when_it_is_asked_for_again() -> None:
    after = Nodes(
        own=replace(OWN, role=Role.STANDBY),
        peer_name="c1",
        peer=replace(PEER, role=Role.ACTIVE),
        is_heard=True,
    )
    assert is_swacted(after)
    assert not is_swacted(replace(after, is_heard=False))
    assert not is_swacted(replace(after, peer=PEER))
    assert not is_swacted(replace(after, peer=None))
    assert not is_swacted(PAIR)


@pytest.mark.parametrize(
    ("told", "code", "details"),
    [
        (Swacted(done=True, said="c1 serves"), ErrorCode.DONE, "c1 serves"),
        (Swacted(done=False, said="no", refusals=("a",)), ErrorCode.FAILED, "a"),
        (
            Swacted(done=False, said="no", late=("vim", "heat")),
            ErrorCode.FAILED,
            "not down in time: vim, heat",
        ),
        (Swacted(done=False, said="it took too long"), ErrorCode.FAILED, "it took too long"),
    ],
)
def test_what_became_of_a_swact(told: Swacted, code: ErrorCode, details: str) -> None:
    result = swacted(told, PAIR, ("vim",))
    assert (result.code, result.details, result.impacted) == (code, details, ("vim",))


def test_a_result_is_answered_in_the_words_of_clients() -> None:
    command = NodeCommand(origin="mtce", action=Action.LOCK, admin="locked")
    body = pre_checked(What.LOCK, PreCheck(impacted=("vim",)), PAIR).body("c0", command)
    assert body == {
        "origin": "sm",
        "hostname": "c0",
        "action": "lock",
        "admin": "locked",
        "oper": "",
        "avail": "",
        "error_code": "0",
        "error_details": "",
        "impact_service_list": ["vim"],
    }


def test_a_controller_is_a_row() -> None:
    assert node_row(replace(OWN, locked=True)) == {
        "name": "c0",
        "administrative_state": "locked",
        "operational_state": "disabled",
        "availability_status": "offline",
        "ready_state": "enabled",
    }
    assert node_row(replace(OWN, is_ready=False))["ready_state"] == "disabled"


def test_a_peer_that_is_not_heard_is_unknown_and_never_as_it_was() -> None:
    assert peer_row(PAIR) == node_row(PEER)
    silent = peer_row(replace(PAIR, is_heard=False))
    assert silent is not None
    assert set(silent.values()) == {"c1", "unknown"}
    assert peer_row(ALONE) is None
    assert service_node(silent, Role.ACTIVE)["active_services"] == "unknown"


def test_a_controller_tells_whether_it_serves() -> None:
    assert service_node(node_row(OWN), OWN.role) == {
        "origin": "sm",
        "hostname": "c0",
        "admin": "unlocked",
        "oper": "enabled",
        "avail": "available",
        "active_services": "yes",
        "swactable_services": "yes",
    }
    assert service_node(node_row(PEER), PEER.role)["active_services"] == "no"


def test_groups_are_assigned_to_their_host() -> None:
    row = GroupRow(name="vim-services", desired="active", state="go-active", status="warn")
    assert assignments("c0", [row]) == [
        {
            "name": "controller",
            "node_name": "c0",
            "service_group_name": "vim-services",
            "desired_state": "active",
            "state": "go-active",
            "status": "warn",
            "condition": "none",
        }
    ]
