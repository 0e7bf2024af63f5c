"""sm-api of a running cloud."""

import json
from pathlib import Path
from typing import Any

import pytest

from insvc.bootstrap import connect
from insvc.cloud.layout import host_folder
from insvc.cloud.role_sm_api import TOKEN
from insvc.standin.web import ask_whole

pytestmark = [pytest.mark.integration, pytest.mark.slow]

PORT = 7777


class Client:
    """Asks the sm-api of one controller.

    Args:
        cloud: its cloud.
        host: the controller.
    """

    def __init__(self, cloud: Path, host: str) -> None:
        self._address = str(connect(cloud).topology.host(host).address)
        self._path = host_folder(cloud, host) / "root" / TOKEN
        self.token = self._path.read_text().strip()

    def get(self, path: str) -> Any:
        """What it answers."""
        status, _, body = ask_whole(self._address, PORT, "GET", path, {}, b"", 30.0)
        assert status == 200, body
        return json.loads(body)

    def patch(self, host: str, action: str, token: str | None = None) -> tuple[int, Any]:
        """Status and answer of something that is to be done to a controller."""
        text = json.dumps({"origin": "test", "action": action}).encode()
        headers = {"X-Auth-Token": self.token if token is None else token}
        path = f"/v1/servicenode/{host}"
        status, _, body = ask_whole(self._address, PORT, "PATCH", path, headers, text, 150.0)
        return status, json.loads(body)


@pytest.fixture
def active(running_cloud: Path) -> Client:
    return Client(running_cloud, "controller-0")


def test_every_path_answers(active: Client) -> None:
    assert active.get("/v1/nodes")["nodes"][0]["administrative_state"] == "unlocked"
    groups = {one["name"] for one in active.get("/v1/service_groups")["service_groups"]}
    assert "vim-services" in groups
    assert active.get("/v1/services/vim")["state"] == "running"
    assert active.get("/v1/servicenode/controller-0")["active_services"] == "yes"
    assigned = active.get("/v1/sm_sda")["sm_sda"]
    assert {one["service_group_name"] for one in assigned} >= groups
    assert active.get("/v1/node")["role"] == "active"


def test_only_the_token_of_the_cloud_changes_anything(running_cloud: Path, active: Client) -> None:
    assert active.patch("controller-0", "swact", token="guessed")[0] == 401
    path = host_folder(running_cloud, "controller-0") / "root" / TOKEN
    assert path.stat().st_mode & 0o777 == 0o600
    assert active.token == Client(running_cloud, "controller-1").token


def test_the_active_controller_is_not_locked_and_tells_what_would_go_down(active: Client) -> None:
    status, told = active.patch("controller-0", "lock-pre-check")
    assert status == 200
    assert {"vim", "haproxy"} <= set(told["impact_service_list"])
