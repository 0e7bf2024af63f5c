"""Questions to a service manager that answers, and to one that does not."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from insvc.adapters import sm_client
from insvc.adapters.sm_client import SmClient, SmStatus
from insvc.adapters.wire import to_json
from insvc.agent.server import Ask, Server
from insvc.errors import InputError, WorldError
from insvc.model.manager_row import ManagerRow
from insvc.model.words import InstanceState, Manager, Role
from insvc.supervise.swact import Nodes, NodeState, PreCheck, Swacted, What

pytestmark = pytest.mark.integration
STATUS = SmStatus(
    role=Role.ACTIVE,
    locked=False,
    services=(ManagerRow(name="x", manager=Manager.SM, state=InstanceState.RUNNING),),
)
NODES = Nodes(own=NodeState(host="c0", role=Role.ACTIVE), peer_name="c1")


def test_every_question_is_asked_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    asked: list[dict[str, object]] = []

    def remember(answer: object) -> Ask:
        def serve(request: Mapping[str, Any]) -> object:
            asked.append(dict(request))
            return answer

        return serve

    answers = {
        "services": to_json(STATUS), "restart": {"done": True}, "role": [], "lock": ["x"],
        "unlock": [], "read-again": ["a fault"], "nodes": to_json(NODES),
        "pre-check": to_json(PreCheck(impacted=("x",))),
        "swact": to_json(Swacted(done=True, said="done")),
    }  # fmt: skip
    asks = {name: remember(answer) for name, answer in answers.items()}
    server = Server(tmp_path / "run" / "sm.sock", asks)
    server.start()
    client = SmClient(tmp_path)
    assert client.services() == STATUS
    assert client.restart(
        "x", with_dependants=True, drain=None, clears_sessions=True, timeout_s=1.5
    ) == {"done": True}
    assert client.take_role(Role.STANDBY, 2.0) == ()
    assert client.set_locked(locked=True, timeout_s=2.0) == ("x",)
    assert client.set_locked(locked=False, timeout_s=2.0) == ()
    assert client.nodes() == NODES
    assert client.pre_check(What.LOCK) == PreCheck(impacted=("x",))
    assert client.swact(force=True, timeout_s=2.0) == Swacted(done=True, said="done")
    assert client.read_again() == ("a fault",)
    assert [one["ask"] for one in asked] == [
        "services", "restart", "role", "lock", "unlock", "nodes", "pre-check", "swact",
        "read-again",
    ]  # fmt: skip
    assert asked[1] == {
        "ask": "restart", "service": "x", "with_dependants": True, "drain": None,
        "clears_sessions": True, "timeout_s": 1.5, "action": "restart",
    }  # fmt: skip
    assert asked[2] == {"ask": "role", "role": "standby", "timeout_s": 2.0}
    server.close()


def test_an_answer_of_another_form_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    server = Server(tmp_path / "run" / "sm.sock", {"services": lambda _: {"role": "king"}})
    server.start()
    with pytest.raises(InputError):
        SmClient(tmp_path).services()
    server.close()


def test_silence_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sm_client, "RETURN_S", 0.0)
    (tmp_path / "run").mkdir()
    with pytest.raises(WorldError):
        SmClient(tmp_path).services()
