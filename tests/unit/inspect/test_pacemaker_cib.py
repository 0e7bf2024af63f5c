"""The configuration and the memory of a cluster are read as they are."""

import pytest

from insvc.inspect.pacemaker_cib import Cib, Operation, read_cib

CONFIGURATION = """<cib have-quorum="1">
  <configuration>
    <resources>
      <template id="base" class="ocf" provider="heartbeat" type="pgsql">
        <instance_attributes id="b"><nvpair name="pgdata" value="/srv/old"/></instance_attributes>
        <operations><op name="start" timeout="2min"/><op name="stop" timeout="500ms"/></operations>
      </template>
      <primitive id="data" template="base">
        <instance_attributes id="d"><nvpair name="pgdata" value="/srv/new"/></instance_attributes>
        <operations><op name="stop" timeout="30s"/></operations>
      </primitive>
      <primitive id="front" class="systemd" type="haproxy">
        <meta_attributes id="insvc-stop-front" score="INFINITY">
          <rule id="r"><date_expression id="u" operation="lt" end="2026-11-23 12:37:35Z"/></rule>
          <nvpair id="n" name="target-role" value="Stopped"/>
        </meta_attributes>
        <operations><op name="start" timeout="40"/><op name="monitor" interval="2s"/></operations>
      </primitive>
      <group id="site">
        <primitive id="vip" class="ocf" provider="heartbeat" type="IPaddr2"/>
        <primitive id="web" class="ocf" provider="heartbeat" type="anything"/>
      </group>
      <clone id="all">
        <group id="each">
          <primitive id="st" class="ocf" provider="heartbeat" type="Stateful"/>
          <primitive id="st2" class="ocf" provider="heartbeat" type="Stateful"/>
        </group>
      </clone>
      <master id="pair"><primitive id="db" class="ocf" provider="heartbeat" type="mysql"/></master>
      <bundle id="box"><primitive id="in" class="ocf" type="apache"/></bundle>
    </resources>
    <constraints>
      <rsc_order id="o1" first="site" then="front"/>
      <rsc_order id="o2" first="gone" then="front"/>
      <rsc_colocation id="c1" rsc="front" with-rsc="pair" score="INFINITY"/>
      <rsc_colocation id="c2" rsc="web" with-rsc="data" score="-INFINITY"/>
      <rsc_location id="insvc-stay-web" rsc="web"/>
      <rsc_location id="cli-ban-web" rsc="web"/>
    </constraints>
  </configuration>
  <status>
    <node_state id="1" uname="one">
      <transient_attributes id="1"><instance_attributes id="s">
        <nvpair name="fail-count-web#start_0" value="INFINITY"/>
        <nvpair name="fail-count-vip#monitor_2000" value="1"/>
        <nvpair name="fail-count-vip#stop_0" value="2"/>
        <nvpair name="master-st" value="10"/>
      </instance_attributes></transient_attributes>
      <lrm id="1"><lrm_resources>
        <lrm_resource id="st:0" type="Stateful" class="ocf">
          <lrm_rsc_op operation="start" call-id="30" rc-code="0" op-status="0" interval="0"
            last-rc-change="1795437178" exec-time="2355" exit-reason=""/>
          <lrm_rsc_op operation="monitor" call-id="31" rc-code="8" op-status="0" interval="2000"/>
          <lrm_rsc_op operation="stop" call-id="-1" rc-code="193" op-status="-1" interval="x"
            exit-reason="no &lt;wonder&gt;"/>
        </lrm_resource>
        <lrm_resource id="front"/>
      </lrm_resources></lrm>
    </node_state>
    <node_state id="2" uname="two"/>
  </status>
</cib>"""


@pytest.fixture
def cib() -> Cib:
    return read_cib(CONFIGURATION)


def test_every_resource_outside_bundles_is_there(cib: Cib) -> None:
    assert set(cib.primitives) == {
        "data", "front", "vip", "web", "st", "st2", "db", "in",
    }  # fmt: skip


def test_a_resource_takes_from_its_template_what_it_does_not_say_itself(cib: Cib) -> None:
    data = cib.primitives["data"]
    assert (data.kind, data.parameters) == ("pgsql", {"pgdata": "/srv/new"})
    assert data.limits_s == pytest.approx(150.0)


def test_limits_are_not_known_unless_both_are(cib: Cib) -> None:
    assert cib.primitives["front"].limits_s is None


@pytest.mark.parametrize(
    ("name", "group", "clone"),
    [
        ("front", "", ""),
        ("web", "site", ""),
        ("st", "each", "all"),
        ("db", "", "pair"),
        ("in", "", ""),
    ],
)
def test_a_resource_knows_what_it_is_a_member_of(
    cib: Cib, name: str, group: str, clone: str
) -> None:
    assert (cib.primitives[name].group, cib.primitives[name].clone) == (group, clone)


def test_needs_come_from_groups_orders_and_colocations(cib: Cib) -> None:
    assert cib.needs["web"] == ("vip",)
    assert cib.needs["st2"] == ("st",)
    assert cib.needs["front"] == ("vip", "web", "db")
    assert cib.needs["data"] == ()


def test_operations_are_kept_by_resource_and_node(cib: Cib) -> None:
    start, monitor, stop = cib.operations["st", "one"]
    assert start == Operation(
        task="start", call=30, status=0, code=0, at=1_795_437_178, took_s=2.355
    )
    assert (monitor.interval_ms, monitor.code) == (2000, 8)
    assert (stop.call, stop.status, stop.reason) == (-1, -1, "no <wonder>")
    assert cib.operations["front", "one"] == ()


def test_failures_are_added_up_over_the_operations(cib: Cib) -> None:
    assert cib.failures == {("web", "one"): 1_000_000, ("vip", "one"): 3}


def test_what_insvc_has_left_is_found_with_its_end(cib: Cib) -> None:
    assert cib.leases == {"insvc-stop-front": "2026-11-23 12:37:35Z", "insvc-stay-web": ""}


def test_the_memory_alone_is_read_as_well() -> None:
    cib = read_cib('<status><node_state uname="one"><lrm_resource id="a"/></node_state></status>')
    assert cib.operations == {("a", "one"): ()}
    assert cib.primitives == {}


@pytest.mark.parametrize(
    ("timeout", "limit"),
    [
        ("20", 21.0),
        ("20s", 21.0),
        ("1m", 61.0),
        ("1min", 61.0),
        ("1500ms", 2.5),
        (" 3 s", None),
        ("PT20S", None),
        ("", None),
        ("\N{SUPERSCRIPT TWO}", None),
    ],
)
def test_lengths_of_time_are_read_as_operators_write_them(
    timeout: str, limit: float | None
) -> None:
    text = (
        '<cib><resources><primitive id="a" type="b"><operations><op name="start" timeout="1"/>'
        f'<op name="stop" timeout="{timeout}"/></operations></primitive></resources></cib>'
    )
    found = read_cib(text).primitives["a"].limits_s
    assert found == (None if limit is None else pytest.approx(limit))


@pytest.mark.parametrize("text", ["<other/>", "<cib>", "<!DOCTYPE cib><cib/>"])
def test_what_is_no_configuration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="found"):
        read_cib(text)
