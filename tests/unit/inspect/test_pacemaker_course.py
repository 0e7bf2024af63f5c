"""Whether a resource may be restarted, how it is asked for, and how far it has come."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from insvc.inspect.pacemaker import Cluster, Node, Resource
from insvc.inspect.pacemaker_cib import Cib, Operation, Primitive, read_cib
from insvc.inspect.pacemaker_course import (
    Stage,
    guard_refusal,
    last_call,
    lease,
    leases_left,
    refusal,
    stage_of,
    stop_since,
)

WEB = Resource(name="web", agent="ocf:heartbeat:anything", role="started", nodes=("one",))
HEALTHY = Cluster(
    controller="one",
    has_quorum=True,
    maintenance=False,
    nodes=(Node(name="one", online=True), Node(name="two", online=True)),
    resources=(WEB,),
    thresholds={("web", "one"): 3},
)
KNOWN = Cib(
    primitives={"web": Primitive(name="web", kind="anything", parameters={})},
    needs={},
    operations={},
    failures={},
    leases={},
)


def with_web(**changes: object) -> Cluster:
    return replace(HEALTHY, resources=(replace(WEB, **changes),))  # type: ignore[arg-type]


def with_node(**changes: object) -> Cluster:
    node = replace(HEALTHY.nodes[0], **changes)  # type: ignore[arg-type]
    return replace(HEALTHY, nodes=(node, HEALTHY.nodes[1]))


def test_a_healthy_resource_may_be_restarted() -> None:
    assert refusal(HEALTHY, KNOWN, "web", "one") is None


@pytest.mark.parametrize(
    ("cluster", "reason"),
    [
        (replace(HEALTHY, controller=""), "no controller"),
        (replace(HEALTHY, has_quorum=False), "no quorum"),
        (with_node(online=False), "not online"),
        (replace(HEALTHY, nodes=()), "not online"),
        (with_node(maintenance=True), "one is in maintenance"),
        (replace(HEALTHY, maintenance=True), "the cluster is in maintenance"),
        (with_node(unclean=True), "one is unclean"),
        (with_web(nodes=("two",)), "not run on one but on two"),
        (with_web(nodes=()), "not run on one but nowhere"),
        (replace(HEALTHY, resources=()), "not run on one but nowhere"),
        (with_web(bundled=True), "in a container"),
        (with_web(orphaned=True), "not configured"),
        (with_web(managed=False), "does not manage it"),
        (with_web(failed=True), "it has failed"),
        (with_web(blocked=True), "failed and is blocked"),
    ],
)
def test_what_speaks_against_it_is_named_with_the_next_act(cluster: Cluster, reason: str) -> None:
    refused = refusal(cluster, KNOWN, "web", "one")
    assert refused is not None
    assert reason in refused.reason
    assert refused.next_act


def test_a_resource_at_its_failure_threshold_is_refused() -> None:
    cib = replace(KNOWN, failures={("web", "one"): 3})
    refused = refusal(HEALTHY, cib, "web", "one")
    assert refused is not None
    assert "failed 3 times on one and 3 are allowed" in refused.reason
    assert refusal(HEALTHY, replace(KNOWN, failures={("web", "one"): 2}), "web", "one") is None
    assert refusal(replace(HEALTHY, thresholds={}), cib, "web", "one") is None


def test_a_resource_that_is_not_configured_is_refused() -> None:
    assert refusal(HEALTHY, replace(KNOWN, primitives={}), "web", "one") is not None


def test_the_cluster_itself_is_restarted_where_nothing_would_notice() -> None:
    emptied = replace(with_node(standby=True), resources=())
    assert guard_refusal(emptied, "one") is None
    assert guard_refusal(replace(HEALTHY, maintenance=True), "one") is None
    assert guard_refusal(with_node(maintenance=True), "one") is None


@pytest.mark.parametrize(
    "cluster",
    [HEALTHY, with_node(standby=True), replace(HEALTHY, resources=()), replace(HEALTHY, nodes=())],
)
def test_the_cluster_itself_is_not_restarted_under_what_runs(cluster: Cluster) -> None:
    refused = guard_refusal(cluster, "one")
    assert refused is not None
    assert "crm_standby --node one --update on --lifetime reboot" in refused.next_act


def test_a_lease_stops_a_resource_and_keeps_it_on_its_node_until_it_ends() -> None:
    web = replace(KNOWN.primitives["web"], group="site")
    laid = lease(web, "one", 1_795_437_455.5)
    assert 'operation="lt" end="2026-11-23 12:37:35Z"' in laid.text
    root = ElementTree.fromstring(laid.text)
    held = root.find("resources/group[@id='site']/primitive[@id='web']/meta_attributes")
    assert held is not None
    (pair,) = held.findall("nvpair")
    assert (pair.get("name"), pair.get("value")) == ("target-role", "Stopped")
    stays = root.find("constraints/rsc_location[@rsc='web']/rule")
    assert stays is not None
    assert stays.get("score") == "INFINITY"
    (where,) = stays.findall("expression")
    assert (where.get("attribute"), where.get("value")) == ("#uname", "one")
    assert laid.hold == "//meta_attributes[@id='insvc-stop-web']"
    assert laid.stay == "//rsc_location[@id='insvc-stay-web']"


def test_a_lease_of_a_single_resource_names_no_group() -> None:
    root = ElementTree.fromstring(lease(KNOWN.primitives["web"], "one", 0.0).text)
    assert root.find("resources/primitive[@id='web']") is not None


def test_a_copy_is_kept_away_from_its_node_instead() -> None:
    laid = lease(replace(KNOWN.primitives["web"], clone="all"), "one", 0.0)
    root = ElementTree.fromstring(laid.text)
    assert root.find("resources") is None
    rule = root.find("constraints/rsc_location[@rsc='all']/rule")
    assert rule is not None
    assert rule.get("score") == "-INFINITY"
    assert (laid.hold, laid.stay) == ("//rsc_location[@id='insvc-away-all-one']", "")


def test_every_part_of_a_lease_ends_by_itself() -> None:
    for clone in ("", "all"):
        text = lease(replace(KNOWN.primitives["web"], clone=clone), "one", 9.0).text
        rules = list(ElementTree.fromstring(text).iter("rule"))
        assert rules
        for rule in rules:
            (date,) = rule.findall("date_expression")
            assert date.get("end") == "1970-01-01 00:00:09Z"


def test_the_ids_of_a_lease_are_unique_and_are_found_again() -> None:
    text = lease(KNOWN.primitives["web"], "one", 9.0).text
    ids = [
        one.get("id")
        for one in ElementTree.fromstring(text).iter()
        if one.get("id") not in {None, "web"}
    ]
    assert len(ids) == len(set(ids))
    leases = read_cib(f"<cib>{text}</cib>").leases
    assert leases == dict.fromkeys(("insvc-stop-web", "insvc-stay-web"), "1970-01-01 00:00:09Z")


def test_what_a_cut_off_restart_left_is_told_with_its_end() -> None:
    (line,) = leases_left(replace(KNOWN, leases={"insvc-stop-web": "2026-11-23 12:37:35Z"}))
    assert "insvc-stop-web" in line
    assert "by itself at 2026-11-23 12:37:35Z" in line
    (line,) = leases_left(replace(KNOWN, leases={"insvc-stop-web": ""}))
    assert "at no time" in line


def operation(
    task: str, call: int, *, status: int = 0, code: int = 0, interval: int = 0, reason: str = ""
) -> Operation:
    return Operation(
        task=task, call=call, status=status, code=code, interval_ms=interval, reason=reason
    )


BEFORE = (operation("start", 5), operation("monitor", 6, interval=2000))
UNDER_WAY = operation("stop", -1, status=-1, code=193)


def test_only_a_stop_of_this_restart_counts() -> None:
    assert last_call(BEFORE) == 6
    assert last_call(()) == 0
    assert stop_since(BEFORE, 6) is None
    assert stop_since((operation("stop", 4), *BEFORE), 6) is None
    assert stop_since((UNDER_WAY,), 6) is UNDER_WAY
    assert stop_since((operation("stop", 7),), 6) is not None


@pytest.mark.parametrize(
    ("later", "stage"),
    [
        ((), Stage.WAITING),
        ((UNDER_WAY,), Stage.WAITING),
        ((operation("stop", 7),), Stage.WAITING),
        ((operation("start", -1, status=-1, code=193),), Stage.WAITING),
        ((operation("start", 8),), Stage.STARTED),
        ((operation("promote", 9),), Stage.STARTED),
        ((operation("start", 8), operation("monitor", 7, interval=2000)), Stage.STARTED),
        ((operation("start", 8), operation("monitor", 9)), Stage.STARTED),
        ((operation("start", 8), operation("monitor", 9, interval=2000)), Stage.READY),
        ((operation("promote", 8), operation("monitor", 9, code=8, interval=9)), Stage.READY),
    ],
)
def test_it_is_done_once_it_was_started_and_is_watched_again(
    later: tuple[Operation, ...], stage: Stage
) -> None:
    assert stage_of((*BEFORE, *later), 6, is_watched=True) == (stage, "")


def test_what_nobody_watches_is_done_once_it_was_started() -> None:
    assert stage_of((operation("start", 8),), 6, is_watched=False) == (Stage.READY, "")


def test_a_probe_that_finds_nothing_is_no_failure() -> None:
    later = (operation("monitor", 7, code=7),)
    assert stage_of(later, 6, is_watched=False) == (Stage.WAITING, "")


@pytest.mark.parametrize(
    ("failed", "why"),
    [
        (operation("start", 8, code=1, reason="port in use"), "its start failed: port in use"),
        (operation("start", 8, status=2, code=1), "its start failed: code 1"),
        (operation("monitor", 9, code=7, interval=2000), "its monitor failed: code 7"),
    ],
)
def test_an_operation_that_failed_is_told_of(failed: Operation, why: str) -> None:
    assert stage_of((failed,), 6, is_watched=True) == (Stage.FAILED, why)
