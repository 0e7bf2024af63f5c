"""What crm_mon answers is read as it is, and nothing else is."""

import pytest

from insvc.inspect.pacemaker import Cluster, bare, number, parse, read_cluster

STATUS = """<pacemaker-result api-version="2.25">
  <summary>
    <current_dc present="true" name="one" id="1" with_quorum="true"/>
    <cluster_options no-quorum-policy="stop" maintenance-mode="false"/>
  </summary>
  <nodes>
    <node name="one" id="1" online="true" standby="false" maintenance="false" unclean="false"/>
    <node name="two" id="2" online="true" standby="true" maintenance="true" unclean="true"/>
    <node name="six" id="6" online="false" standby_onfail="true"/>
  </nodes>
  <bans><ban id="b"/></bans>
  <resources>
    <resource id="front" resource_agent="systemd:haproxy" role="Started" managed="true">
      <node name="one" id="1" cached="true"/>
    </resource>
    <group id="site">
      <resource id="web" resource_agent="ocf::heartbeat:anything" role="Stopped"
        target_role="Stopped" managed="false" blocked="true" failed="true" orphaned="true"/>
    </group>
    <clone id="all">
      <group id="each">
        <resource id="st:0" resource_agent="ocf:heartbeat:Stateful" role="Master" managed="true">
          <node name="one"/>
        </resource>
      </group>
      <resource id="st:1" resource_agent="ocf:heartbeat:Stateful" role="Unpromoted" managed="true">
        <node name="two"/>
      </resource>
    </clone>
    <bundle id="box"><replica id="0">
      <resource id="in" resource_agent="ocf:heartbeat:apache" role="Started" managed="true"/>
    </replica><podman image="x"/></bundle>
  </resources>
  <node_history>
    <node name="one">
      <resource_history id="front" migration-threshold="3"/>
      <resource_history id="st:0" migration-threshold="INFINITY"/>
      <resource_history id="odd"/>
    </node>
  </node_history>
</pacemaker-result>"""


@pytest.fixture
def cluster() -> Cluster:
    return read_cluster(STATUS)


def test_the_cluster_has_a_controller_and_a_quorum(cluster: Cluster) -> None:
    assert (cluster.controller, cluster.has_quorum, cluster.maintenance) == ("one", True, False)


def test_each_node_says_whether_it_may_run_something(cluster: Cluster) -> None:
    one, two, six = cluster.nodes
    assert (one.online, one.standby, one.maintenance, one.unclean) == (True, False, False, False)
    assert (two.online, two.standby, two.maintenance, two.unclean) == (True, True, True, True)
    assert (six.online, six.standby) == (False, True)
    assert cluster.node("two") is two
    assert cluster.node("ten") is None


def test_each_resource_says_where_it_runs_and_by_what(cluster: Cluster) -> None:
    front = cluster.here("front", "one")
    assert front is not None
    assert (front.agent, front.standard, front.role) == ("systemd:haproxy", "systemd", "started")
    assert cluster.here("front", "two") is None
    assert cluster.active_on("one") == ("front", "st")


def test_what_speaks_against_a_restart_is_kept(cluster: Cluster) -> None:
    (web,) = cluster.copies("web")
    assert web.agent == "ocf:heartbeat:anything"
    assert (web.role, web.wanted, web.nodes) == ("stopped", "stopped", ())
    assert (web.managed, web.blocked, web.failed, web.orphaned) == (False, True, True, True)


def test_copies_of_a_clone_bear_one_name_and_roles_of_today(cluster: Cluster) -> None:
    assert [one.role for one in cluster.copies("st")] == ["promoted", "unpromoted"]


def test_what_runs_in_a_bundle_is_marked(cluster: Cluster) -> None:
    assert [one.name for one in cluster.resources if one.bundled] == ["in"]


def test_thresholds_are_those_of_each_node(cluster: Cluster) -> None:
    assert cluster.thresholds == {("front", "one"): 3, ("st", "one"): 1_000_000}


def test_a_cluster_without_controller_has_no_quorum() -> None:
    text = "<crm_mon><summary/><nodes/></crm_mon>"
    cluster = read_cluster(text)
    assert (cluster.controller, cluster.has_quorum, cluster.resources) == ("", False, ())
    assert not cluster.maintenance


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "no XML"),
        ("<a>", "no XML"),
        ("<a/>", "no summary"),
        ("<a><summary/></a>", "no summary"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "document type"),
        ("<a/>" + " " * (16 << 20), "characters"),
    ],
)
def test_what_is_no_status_is_refused(text: str, found: str) -> None:
    with pytest.raises(ValueError, match=found):
        read_cluster(text)


def test_collectives_in_one_another_without_end_are_refused() -> None:
    nested = "<group>" * 5000 + "</group>" * 5000
    text = f"<a><summary/><nodes/><resources>{nested}</resources></a>"
    with pytest.raises(ValueError, match="collectives in one another"):
        read_cluster(text)


def test_an_entity_of_ones_own_is_never_expanded() -> None:
    with pytest.raises(ValueError, match="document type"):
        parse('<?xml version="1.0"?><!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>')


@pytest.mark.parametrize(
    ("name", "expected"), [("web", "web"), ("web:0", "web"), ("a:b", "a:b"), (":1", ":1")]
)
def test_the_number_of_a_copy_is_no_part_of_its_name(name: str, expected: str) -> None:
    assert bare(name) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, None),
        ("7", 7),
        ("-3", -3),
        ("INFINITY", 1_000_000),
        ("+INFINITY", 1_000_000),
        ("-INFINITY", None),
        ("7s", None),
        ("9" * 13, None),
    ],
)
def test_numbers_are_read_as_pacemaker_writes_them(text: str | None, expected: int | None) -> None:
    assert number(text) == expected
