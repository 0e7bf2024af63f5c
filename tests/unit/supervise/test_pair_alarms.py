"""What one controller calls for about its peer and the lease."""

from dataclasses import replace

from insvc.model.alarm import NO_ANSWER, NO_REDUNDANCY
from insvc.model.words import Role
from insvc.supervise.pair_alarms import of_pair
from insvc.supervise.swact import Nodes, NodeState

OWN = NodeState(host="c0", role=Role.ACTIVE)
NODES = Nodes(own=OWN, peer_name="c1", peer=NodeState(host="c1", role=Role.STANDBY), is_heard=True)


def pair_alarms(
    nodes: Nodes, *, is_silent: bool = False, trouble: str = ""
) -> list[tuple[str, str, str]]:
    found = of_pair(nodes, is_silent=is_silent, trouble=trouble)
    return [(one.alarm, one.entity.removeprefix("service_domain="), one.severity) for one in found]


def test_a_pair_in_order_has_no_alarm() -> None:
    assert pair_alarms(NODES) == []
    assert pair_alarms(replace(NODES, peer=None)) == []


def test_a_silent_peer_is_an_alarm_and_for_the_active_one_a_loss_of_redundancy() -> None:
    silence = (NO_ANSWER, "controller.host=c0.peer=c1", "major")
    loss = (NO_REDUNDANCY, "controller.host=c0", "major")
    assert pair_alarms(NODES, is_silent=True) == [silence, loss]
    standby = replace(NODES, own=replace(OWN, role=Role.STANDBY))
    assert pair_alarms(standby, is_silent=True) == [silence]


def test_a_peer_that_is_locked_or_ending_could_not_take_over() -> None:
    for peer in (NodeState(host="c1", locked=True), NodeState(host="c1", is_ready=False)):
        assert pair_alarms(replace(NODES, peer=peer)) == [
            (NO_REDUNDANCY, "controller.host=c0", "major")
        ]


def test_a_lease_that_cannot_be_relied_on_is_critical_and_says_why() -> None:
    assert pair_alarms(NODES, trouble="the disk is full") == [
        (NO_REDUNDANCY, "controller.host=c0.lease", "critical")
    ]
    (alarm,) = of_pair(NODES, is_silent=False, trouble="the disk is full")
    assert "the disk is full" in alarm.text


def test_a_peer_that_has_failed_takes_over_by_force_alone_and_why_is_named() -> None:
    failed = replace(NODES, peer=NodeState(host="c1", status="failed", ailing=("db", "web")))
    (alarm,) = of_pair(failed, is_silent=False, trouble="")
    assert (alarm.alarm, alarm.severity) == (NO_REDUNDANCY, "major")
    assert "c1 takes over from c0 by force alone: it has failed there: db, web" in alarm.text
    assert "db, web in log/ of c1" in alarm.next_act
    standby = replace(failed, own=replace(OWN, role=Role.STANDBY))
    assert pair_alarms(standby) == []
    ailing = replace(NODES, peer=NodeState(host="c1", status="degraded", ailing=("db",)))
    assert pair_alarms(ailing) == []
