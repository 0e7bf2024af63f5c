"""A cluster that runs in memory, and answers as Pacemaker's tools do."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import quoteattr

from insvc.errors import WorldError

HERE, THERE = "one", "two"
_HOLD = re.compile(r'(?:meta_attributes id="insvc-stop-|rsc_location id="insvc-away-)([\w.-]+)"')
_ENDS = re.compile(r'end="([^"]*)"')


@dataclass(kw_only=True)
class FakeResource:
    """One resource of the cluster.

    Attributes:
        agent: `systemd:haproxy`, `ocf:heartbeat:anything`.
        node: where it runs; empty for nowhere.
        role: its role while it runs.
        group, clone: what it is a member of.
        parameters: what its agent is given.
        thinks: how many looks at the cluster its stop lasts.
        stop_code, start_code, watch_code: what its agent answers to each.
        moves_to: where it is started after a stop.
        rests: it is not started again.
        is_deaf: the cluster never stops it.
        on_start: called when it is started.
        extra: further attributes that crm_mon tells of it.
    """

    agent: str = "ocf:heartbeat:anything"
    node: str = HERE
    role: str = "Started"
    group: str = ""
    clone: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    thinks: int = 1
    stop_code: int = 0
    start_code: int = 0
    watch_code: int = 0
    is_watched: bool = True
    moves_to: str = HERE
    rests: bool = False
    is_deaf: bool = False
    on_start: Callable[[], object] = lambda: None
    extra: Mapping[str, str] = field(default_factory=dict)
    last: tuple[str, int, int, int] = ("start", 5, 0, 0)
    watch: tuple[int, int] | None = (6, 0)
    failures: str = ""


class FakeCluster:
    """Two nodes and their resources; takes the place of `Tools`.

    Attributes:
        resources: by name.
        quorum, controller, maintenance: of the cluster.
        nodes: further attributes of each node.
        states: what the controller answers next; S_IDLE after those.
        silent: how many questions from now on get no answer.
        elections: how many looks at the status from now on see no controller.
        constraints: further text of the configuration.
        asked: words of everything that was changed.
    """

    def __init__(self, **resources: FakeResource) -> None:
        self.resources = resources
        self.quorum = "true"
        self.controller = HERE
        self.maintenance = "false"
        self.threshold = "3"
        self.nodes: dict[str, dict[str, str]] = {HERE: {}, THERE: {}}
        self.states: list[str] = []
        self.silent = 0
        self.elections = 0
        self.constraints = ""
        self.asked: list[str] = []
        self.held: dict[str, str] = {}
        self._call = 10

    def status(self) -> str:
        """As `crm_mon --output-as=xml --inactive`."""
        self._answer()
        chief = f'<current_dc present="true" name="{self.controller}" with_quorum="{self.quorum}"/>'
        self.elections, is_electing = max(self.elections - 1, 0), self.elections > 0
        nodes = "".join(
            f'<node name="{name}" online="true" ' + _attributes(extra) + "/>"
            for name, extra in self.nodes.items()
        )
        resources = "".join(self._status_of(name, one) for name, one in self.resources.items())
        history = "".join(
            f'<node name="{node}">'
            + "".join(
                f'<resource_history id="{name}" migration-threshold="{self.threshold}"/>'
                for name in self.resources
            )
            + "</node>"
            for node in self.nodes
        )
        return (
            f"<pacemaker-result><summary>{chief if self.controller and not is_electing else ''}"
            f'<cluster_options maintenance-mode="{self.maintenance}"/></summary>'
            f"<nodes>{nodes}</nodes><resources>{resources}</resources>"
            f"<node_history>{history}</node_history></pacemaker-result>"
        )

    def configuration(self, scope: str = "") -> str:
        """As `cibadmin --query --local`."""
        self._answer()
        self._go_on()
        states = "".join(self._memory_of(node) for node in self.nodes)
        if scope == "status":
            return f"<status>{states}</status>"
        resources = "".join(self._configured(name, one) for name, one in self.resources.items())
        leases = "".join(
            f'<rsc_location id="{name}"><rule><date_expression end="{end}"/></rule></rsc_location>'
            for name, end in self.held.items()
        )
        return (
            f"<cib><configuration><resources>{resources}</resources>"
            f"<constraints>{self.constraints}{leases}</constraints></configuration>"
            f"<status>{states}</status></cib>"
        )

    def node(self) -> str:
        """As `crm_node --name`."""
        return HERE

    def state(self, controller: str) -> str:
        """As `crmadmin --status`."""
        self._answer()
        assert controller == self.controller
        return self.states.pop(0) if self.states else "S_IDLE"

    def modify(self, text: str) -> None:
        """As `cibadmin --modify`: what is held is stopped."""
        self._answer()
        self.asked.append(text)
        (end,) = set(_ENDS.findall(text))
        (held,) = _HOLD.findall(text)
        for name in re.findall(r'(?:meta_attributes|rsc_location) id="(insvc-[\w.-]+)"', text):
            self.held[name] = end
        for name, one in self.resources.items():
            if held in {name, f"{one.clone}-{HERE}"} and not one.is_deaf:
                one.last = ("stop", -1, -1, 193)

    def delete(self, query: str) -> None:
        """As `cibadmin --delete`: what was held is started once it has stopped."""
        self._answer()
        self.asked.append(query)
        (name,) = re.findall(r"@id='([^']*)'", query)
        self.held.pop(name, None)

    def is_held(self, name: str) -> bool:
        """Whether something keeps a resource from running here."""
        clone = self.resources[name].clone
        return bool({f"insvc-stop-{name}", f"insvc-away-{clone}-{HERE}"} & set(self.held))

    def _answer(self) -> None:
        if self.silent:
            self.silent -= 1
            raise WorldError("pacemaker: crm_mon", "does not answer", next_act="look")

    def _go_on(self) -> None:
        for name, one in self.resources.items():
            task, call, _, code = one.last
            if task == "stop" and call == -1:
                one.thinks -= 1
                if one.thinks < 0:
                    one.last, one.watch = ("stop", self._next(), 0, one.stop_code), None
                    one.node = one.node if one.stop_code else ""
            elif task == "stop" and code == 0 and not (one.rests or self.is_held(name)):
                self._start(one)

    def _start(self, one: FakeResource) -> None:
        if one.moves_to != HERE:
            one.node = one.moves_to
            return
        one.last = ("start", self._next(), 0, one.start_code)
        if one.start_code == 0:
            one.node = HERE
            one.on_start()
            one.watch = (self._next(), one.watch_code) if one.is_watched else None

    def _next(self) -> int:
        self._call += 1
        return self._call

    def _status_of(self, name: str, one: FakeResource) -> str:
        active = f'<node name="{one.node}"/>' if one.node else ""
        role = one.role if one.node else "Stopped"
        plain = {"id": name, "resource_agent": one.agent, "role": role, "managed": "true"}
        text = f"<resource {_attributes({**plain, **one.extra})}>{active}</resource>"
        for tag, above in (("group", one.group), ("clone", one.clone)):
            text = f'<{tag} id="{above}">{text}</{tag}>' if above else text
        return text

    def _configured(self, name: str, one: FakeResource) -> str:
        pairs = "".join(
            f"<nvpair {_attributes({'name': key, 'value': value})}/>"
            for key, value in one.parameters.items()
        )
        kind = one.agent.rpartition(":")[2]
        text = (
            f'<primitive id="{name}" type="{kind}">'
            f"<instance_attributes>{pairs}</instance_attributes></primitive>"
        )
        for tag, above in (("group", one.group), ("clone", one.clone)):
            text = f'<{tag} id="{above}">{text}</{tag}>' if above else text
        return text

    def _memory_of(self, node: str) -> str:
        resources = "".join(
            f'<lrm_resource id="{name}">{_operations(one)}</lrm_resource>'
            for name, one in self.resources.items()
        )
        failures = "".join(
            f'<nvpair name="fail-count-{name}#monitor_2000" value="{one.failures}"/>'
            for name, one in self.resources.items()
            if one.failures
        )
        if node != HERE:
            resources = failures = ""
        return (
            f'<node_state uname="{node}"><transient_attributes><instance_attributes>{failures}'
            f"</instance_attributes></transient_attributes><lrm><lrm_resources>{resources}"
            f"</lrm_resources></lrm></node_state>"
        )


def _operations(one: FakeResource) -> str:
    task, call, status, code = one.last
    text = (
        f'<lrm_rsc_op operation="{task}" call-id="{call}" op-status="{status}" rc-code="{code}" '
        'interval="0" exec-time="250" last-rc-change="1000"/>'
    )
    if one.watch is not None:
        text += (
            f'<lrm_rsc_op operation="monitor" call-id="{one.watch[0]}" op-status="0" '
            f'rc-code="{one.watch[1]}" interval="2000"/>'
        )
    return text


def _attributes(given: Mapping[str, str]) -> str:
    return " ".join(f"{name}={quoteattr(value)}" for name, value in given.items())
