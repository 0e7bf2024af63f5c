"""sm-api of a running cloud."""

import json
import time
from collections.abc import Iterator
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
def active(running_cloud: Path) -> Iterator[Client]:
    """controller-0's, which serves beside the other in the end: other tests share the cloud."""
    own, other = (Client(running_cloud, f"controller-{number}") for number in (0, 1))
    yield own
    own.patch("controller-1", "unlock")
    if own.get("/v1/node")["role"] != "active":
        wait_for(other, "controller-1")
        other.patch("controller-1", "swact")
    wait_for(own, "controller-0")


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


def serving(client: Client) -> dict[str, str]:
    """Whether each controller serves, as one of them tells."""
    nodes = [one["name"] for one in client.get("/v1/nodes")["nodes"]]
    return {one: client.get(f"/v1/servicenode/{one}")["active_services"] for one in nodes}


def wait_for(client: Client, host: str) -> None:
    """Wait until that controller alone serves, and may be swacted away from."""
    until = time.monotonic() + 120
    other = "controller-1" if host == "controller-0" else "controller-0"
    while True:
        told = client.patch(host, "swact-pre-check")[1]
        if told["error_code"] == "0" and serving(client) == {host: "yes", other: "no"}:
            return
        assert time.monotonic() < until, told
        time.sleep(0.2)


def test_a_swact_moves_the_roles_and_is_done_once(running_cloud: Path, active: Client) -> None:
    standby = Client(running_cloud, "controller-1")
    wait_for(active, "controller-0")
    refused = standby.patch("controller-1", "swact-pre-check")[1]
    assert refused["error_code"] != "0"
    assert "ask the active controller" in refused["error_details"]
    status, told = active.patch("controller-0", "swact")
    assert (status, told["error_code"]) == (200, "0"), told
    assert "haproxy" in told["impact_service_list"]
    again = active.patch("controller-0", "swact")[1]
    assert (again["error_code"], again["error_details"]) == ("0", "controller-1 serves already")
    assert standby.get("/v1/node")["role"] == "active"
    wait_for(standby, "controller-1")
    # Asked of the one that stands by, it is passed on to the one that serves.
    status, told = active.patch("controller-1", "swact")
    assert (status, told["error_code"]) == (200, "0"), told
    wait_for(active, "controller-0")


def test_an_active_controller_is_not_locked_by_way_of_either_api(
    running_cloud: Path, active: Client
) -> None:
    wait_for(active, "controller-0")
    told = active.patch("controller-0", "lock")[1]
    assert (told["error_code"], "ask the other" in told["error_details"]) == ("-1001", True)
    told = Client(running_cloud, "controller-1").patch("controller-0", "lock")[1]
    assert (told["error_code"], "swact to controller-1 first" in told["error_details"]) == (
        "-1003",
        True,
    )


def test_a_controller_that_stands_by_is_locked_and_unlocked(active: Client) -> None:
    wait_for(active, "controller-0")
    assert active.patch("controller-1", "lock")[1]["error_code"] == "0"
    refused = active.patch("controller-0", "swact")[1]
    assert (refused["error_code"], "controller-1 is locked" in refused["error_details"]) == (
        "-1002",
        True,
    )
    assert active.get("/v1/servicenode/controller-1")["admin"] == "locked"
    assert active.patch("controller-1", "unlock")[1]["error_code"] == "0"
    wait_for(active, "controller-0")
