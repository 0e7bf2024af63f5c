"""The service manager over HTTP: what is read, and who may change what."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from insvc.adapters.unix_socket import listen
from insvc.adapters.wire import to_json
from insvc.cloud.role_sm_api import TOKEN, Api
from insvc.errors import AgentUnreachable
from insvc.model.sm_table import GroupRow, SmTable
from insvc.model.words import Role
from insvc.standin.web import Reply, Request, Server
from insvc.supervise.swact import Nodes, NodeState, PreCheck, Swacted
from tests.fakes.sm_socket import FakeSm
from tests.fakes.threads import begin, end

SECRET = "s3cret"
GROUP = GroupRow(name="vim-services", desired="active", state="active")
Change = Callable[..., tuple[int, dict[str, Any]]]


def pair(role: Role = Role.ACTIVE, *, peer_role: Role = Role.STANDBY) -> Any:
    """How the two controllers stand."""
    peer = NodeState(host="c1", role=peer_role)
    own = NodeState(host="c0", role=role)
    return to_json(Nodes(own=own, peer_name="c1", peer=peer, heard_s=0.1, is_heard=True))


@pytest.fixture
def sm(tmp_path: Path) -> Iterator[FakeSm]:
    """A service manager with two services, a group and a peer."""
    with FakeSm(tmp_path / "run") as made:
        made.states.update(haproxy="running", horizon="stopped")
        made.answers = {
            "nodes": pair(),
            "table": to_json(SmTable(groups=(GROUP,))),
            "pre-check": to_json(PreCheck(impacted=("vim",))),
            "swact": to_json(Swacted(done=True, said="c1 serves")),
        }
        yield made


@pytest.fixture
def api(tmp_path: Path) -> Api:
    """The daemon's answers; nobody else is there."""
    path = tmp_path / "root" / TOKEN
    path.parent.mkdir(parents=True)
    path.write_text(f"{SECRET}\n")
    path.chmod(0o600)
    (tmp_path / "host.json").write_text("{}")
    return Api(tmp_path, "c0", 7777)


def read(reply: Reply | None) -> tuple[int, dict[str, Any]]:
    """Status and body of an answer."""
    assert reply is not None
    return reply.status, json.loads(reply.body)


def get(api: Api, path: str, method: str = "GET") -> tuple[int, dict[str, Any]]:
    """What it answers to a question."""
    return read(api.answer(Request(method, path, {}, b"")))


@pytest.fixture
def patch(api: Api) -> Change:
    """Asks for something to be done to a controller."""

    def change(host: str, token: str = SECRET, query: str = "", **body: object) -> Any:
        text = json.dumps({"origin": "mtce", **body}).encode()
        headers = {"x-auth-token": token}
        return read(api.answer(Request("PATCH", f"/v1/servicenode/{host}{query}", headers, text)))

    return change


def asked(sm: FakeSm) -> list[str]:
    """What sm was asked, but for how the controllers stand."""
    return [one["ask"] for one in sm.questions if one["ask"] != "nodes"]


def test_services_one_service_and_the_node_are_answered(sm: FakeSm, api: Api) -> None:
    haproxy = {"name": "haproxy", "state": "running"}
    horizon = {"name": "horizon", "state": "stopped"}
    assert get(api, "/v1/services") == (200, {"services": [haproxy, horizon]})
    assert get(api, "/v1/services/horizon") == (200, horizon)
    assert get(api, "/v1/node") == (200, {"host": "c0", "role": sm.role, "locked": False})
    assert get(api, "/v1/service_groups") == (200, {"service_groups": [to_json(GROUP)]})
    assert get(api, "/v1/service_groups/vim-services") == (200, to_json(GROUP))


@pytest.mark.usefixtures("sm")
def test_both_controllers_are_answered(api: Api) -> None:
    status, told = get(api, "/v1/nodes")
    assert (status, [one["name"] for one in told["nodes"]]) == (200, ["c0", "c1"])
    assert get(api, "/v1/nodes/c1")[1]["administrative_state"] == "unlocked"
    assert get(api, "/v1/servicenode/c0")[1]["active_services"] == "yes"
    assert get(api, "/v1/servicenode/c1")[1]["active_services"] == "no"


@pytest.mark.usefixtures("sm")
@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/v1/services/vmi", "sm has no service called vmi"),
        ("/v1/service_groups/vmi", "sm has no service_group called vmi"),
        ("/v1/nodes/c9", "sm has no node called c9"),
        ("/v1/node/c0", "/v1/node/c0 is not served here"),
        ("/v1/sm_sda/x", "/v1/sm_sda/x is not served here"),
        ("/v1/servicenode/c9", "c9 is no controller; there are c0, c1"),
    ],
)
def test_an_unknown_name_is_named(api: Api, path: str, words: str) -> None:
    status, told = get(api, path)
    assert (status, words in str(told)) == (404, True)


def test_what_is_only_read_cannot_be_changed(sm: FakeSm, api: Api) -> None:
    assert get(api, "/v1/services/vim", "POST")[0] == 405
    assert sm.questions == []
    assert get(api, "/v1/servicenode/c0", "DELETE")[0] == 405


def test_other_paths_are_not_its_own(api: Api) -> None:
    assert [api.answer(Request("GET", one, {}, b"")) for one in ("/v2", "/v1/nodesx")] == [None] * 2


def test_while_sm_is_silent_the_answer_says_so(tmp_path: Path, api: Api) -> None:
    (tmp_path / "run").mkdir()
    for path in ("/v1/node", "/v1/service_groups"):
        status, said = get(api, path)
        assert (status, "sm.sock: cannot connect" in str(said["fault"])) == (503, True)


def test_assignments_are_told_of_both_controllers_or_that_one_is_not_seen(
    tmp_path: Path, sm: FakeSm, api: Api
) -> None:
    _, told = get(api, "/v1/sm_sda")
    assert [one["node_name"] for one in told["sm_sda"]] == ["c0"]
    assert told["unseen"] == ["c1: host.json does not say where it is"]
    (tmp_path / "host.json").write_text('{"pair": {"peer_address": "127.0.0.1"}}')
    peer = Server("127.0.0.1", 0, lambda _: Reply(200, {"sm_sda": [{"node_name": "c1"}]}))
    both = Api(tmp_path, "c0", peer.port)
    _, told = get(both, "/v1/sm_sda")
    assert [one["node_name"] for one in told["sm_sda"]] == ["c0", "c1"]
    assert told["unseen"] == []
    peer.stop_accepting()
    assert get(both, "/v1/sm_sda?own=1")[1]["unseen"] == []
    sm.answers["nodes"] = to_json(Nodes(own=NodeState(host="c0")))
    assert get(both, "/v1/sm_sda")[1]["unseen"] == []


def test_nobody_changes_anything_without_the_token(
    tmp_path: Path, sm: FakeSm, patch: Change
) -> None:
    path = tmp_path / "root" / TOKEN
    assert patch("c0", "wrong", action="swact")[0] == 401
    assert patch("c0", "", action="swact")[0] == 401
    path.chmod(0o640)
    status, told = patch("c0", action="swact")
    assert (status, "others may read it" in told["fault"]) == (403, True)
    path.chmod(0o600)
    path.write_text("")
    status, told = patch("c0", "", action="swact")
    assert (status, "it is empty" in told["fault"]) == (403, True)
    path.unlink()
    assert patch("c0", action="swact")[0] == 403
    assert asked(sm) == []


def test_a_faulty_request_is_answered_with_all_its_faults(
    sm: FakeSm, api: Api, patch: Change
) -> None:
    status, told = patch("c0", action="dance", admin="open")
    assert (status, len(told["faults"])) == (400, 2)
    headers = {"x-auth-token": SECRET}
    for body in (b"{", b"", b"[" * 100_000, b"\xff"):
        request = Request("PATCH", "/v1/servicenode/c0", headers, body)
        assert read(api.answer(request))[0] == 400
    assert asked(sm) == []


def test_a_swact_is_carried_out_and_told(sm: FakeSm, patch: Change) -> None:
    status, told = patch("c0", action="swact")
    assert (status, told["error_code"], told["impact_service_list"]) == (200, "0", ["vim"])
    assert asked(sm) == ["pre-check", "swact"]
    patch("c0", action="swact-force")
    assert [one["force"] for one in sm.questions if one["ask"] == "swact"] == [False, True]


def test_a_swact_that_was_done_before_is_done(sm: FakeSm, patch: Change) -> None:
    sm.answers["nodes"] = pair(Role.STANDBY, peer_role=Role.ACTIVE)
    _, told = patch("c0", action="swact")
    assert (told["error_code"], told["error_details"]) == ("0", "c1 serves already")
    assert asked(sm) == []


def test_a_pre_check_changes_nothing_and_tells_every_reason(sm: FakeSm, patch: Change) -> None:
    sm.answers["pre-check"] = to_json(PreCheck(refusals=("a", "b")))
    _, told = patch("c0", action="swact-pre-check")
    assert (told["error_code"], told["error_details"]) == ("-1001", "a; b")
    assert patch("c0", action="lock-pre-check")[1]["error_code"] == "-1003"
    assert asked(sm) == ["pre-check", "pre-check"]


def test_an_event_is_heard_and_changes_nothing(sm: FakeSm, patch: Change) -> None:
    _, told = patch("c0", action="event", admin="locked", oper="disabled", avail="offline")
    assert (told["error_code"], told["admin"], asked(sm)) == ("0", "locked", [])


class Agent:
    """Answers on the agent's socket of a host."""

    def __init__(self, run: Path, answer: bytes) -> None:
        self.asked: list[dict[str, Any]] = []
        self._listener = listen(run / "agent.sock")
        self._answer = answer
        self._thread = begin(self._serve)

    def _serve(self) -> None:
        client, _ = self._listener.accept()
        with client, client.makefile("rb") as lines:
            self.asked.append(json.loads(lines.readline()))
            client.sendall(self._answer + b"\n")

    def close(self) -> None:
        """After its one answer."""
        end(self._thread)
        self._listener.close()


@pytest.fixture
def peer(tmp_path: Path, sm: FakeSm) -> Iterator[FakeSm]:
    """The other controller's service manager; ours is there too."""
    assert sm.role == "active"
    own = NodeState(host="c1", role=Role.STANDBY)
    with FakeSm(tmp_path.parent / "c1" / "run") as made:
        made.answers = {
            "nodes": to_json(Nodes(own=own, peer_name="c0")),
            "pre-check": to_json(PreCheck(impacted=("horizon",))),
        }
        yield made
    shutil.rmtree(tmp_path.parent / "c1")


@pytest.mark.parametrize(
    ("action", "late", "code"),
    [("lock", [], "0"), ("unlock", [], "0"), ("lock", ["vim"], "-1001")],
)
@pytest.mark.usefixtures("peer")
def test_a_lock_is_carried_out_by_all_managers_of_the_host(
    tmp_path: Path, patch: Change, action: str, late: list[str], code: str
) -> None:
    run = tmp_path.parent / "c1" / "run"
    agent = Agent(run, json.dumps({"ok": True, "answer": late}).encode())
    _, told = patch("c1", action=action)
    agent.close()
    assert told["error_code"] == code
    assert all(one in told["error_details"] for one in late)
    assert told["impact_service_list"] == (["horizon"] if action == "lock" else [])
    assert agent.asked[0]["locked"] is (action == "lock")


def test_a_controller_that_serves_is_not_locked(peer: FakeSm, patch: Change) -> None:
    peer.answers["nodes"] = to_json(Nodes(own=NodeState(host="c1", role=Role.ACTIVE)))
    peer.answers["pre-check"] = to_json(PreCheck(refusals=("c1 is active: swact to c0 first",)))
    _, told = patch("c1", action="lock")
    assert (told["error_code"], "swact to c0 first" in told["error_details"]) == ("-1003", True)


def test_an_sm_api_does_not_lock_the_host_that_it_ends_with(sm: FakeSm, patch: Change) -> None:
    _, told = patch("c0", action="lock")
    assert (told["error_code"], "ask the other" in told["error_details"]) == ("-1001", True)
    assert asked(sm) == []


def test_a_controller_whose_manager_is_silent_is_not_locked(sm: FakeSm, patch: Change) -> None:
    status, told = patch("c1", action="lock")
    assert (status, "c1/run" in told["fault"], asked(sm)) == (503, True, [])


def test_what_is_for_the_other_controller_is_passed_on_once(
    tmp_path: Path, patch: Change, sm: FakeSm
) -> None:
    heard: list[Request] = []

    def answer(request: Request) -> Reply:
        heard.append(request)
        return Reply(200, {"error_code": "0"})

    status, told = patch("c1", action="swact")
    assert (status, "does not say where it is" in told["fault"]) == (503, True)
    assert patch("c1", query="?own=1", action="swact")[0] == 421
    (tmp_path / "host.json").write_text('{"pair": {"peer_address": "127.0.0.1"}}')
    peer = Server("127.0.0.1", 0, answer)
    text = json.dumps({"origin": "mtce", "action": "swact"}).encode()
    request = Request("PATCH", "/v1/servicenode/c1", {"x-auth-token": SECRET}, text)
    assert read(Api(tmp_path, "c0", peer.port).answer(request)) == (200, {"error_code": "0"})
    peer.stop_accepting()
    assert (heard[0].target, heard[0].body) == ("/v1/servicenode/c1?own=1", text)
    assert heard[0].headers["x-auth-token"] == SECRET
    assert asked(sm) == []


def test_a_swact_that_breaks_off_is_judged_by_how_the_controllers_stand(
    sm: FakeSm, patch: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> Swacted:
        sm.answers["nodes"] = after.pop()
        raise AgentUnreachable("sm.sock", "no answer", next_act="look")

    monkeypatch.setattr("insvc.cloud.role_sm_api.SmClient.swact", broken)
    after = [pair(), pair(Role.STANDBY, peer_role=Role.ACTIVE)]
    assert patch("c0", action="swact")[1]["error_code"] == "0"
    sm.answers["nodes"] = pair()
    assert patch("c0", action="swact")[1]["error_code"] == "-1001"
