"""The asks by which a controller tells how it stands, on a host that takes no turns."""

import pytest

from insvc.adapters.sm_client import SmClient
from insvc.errors import WorldError
from insvc.model.words import InstanceState, Role
from insvc.supervise.swact import PreCheck, What
from tests.fakes.host_folder import PORT, HostFolder, until
from tests.integration.agent.test_sm_daemon import daemon, states

pytestmark = pytest.mark.integration


def test_a_host_without_a_peer_says_how_it_stands_and_swacts_to_nobody(
    folder: HostFolder,
) -> None:
    folder.define("x", manager="sm", runs_when="active")
    folder.define("y", manager="sm")
    with daemon(folder) as client:
        until(lambda: set(states(client).values()) == {InstanceState.RUNNING})
        nodes = client.nodes()
        assert (nodes.own.host, nodes.own.role, nodes.peer_name) == ("h", Role.ACTIVE, None)
        assert (nodes.own.status, nodes.own.in_transition) == ("none", ())
        assert client.pre_check(What.SWACT) == PreCheck(
            refusals=("h takes no turns: it has no peer",), impacted=("x",)
        )
        assert client.pre_check(What.LOCK) == PreCheck(impacted=("x", "y"))
        told = client.swact(force=True, timeout_s=5.0)
        assert (told.done, told.refusals) == (False, ("h takes no turns: it has no peer",))
        assert set(states(client).values()) == {InstanceState.RUNNING}


def test_what_cannot_be_pre_checked_is_refused(folder: HostFolder) -> None:
    with daemon(folder) as client, pytest.raises(WorldError, match="expected"):
        client.pre_check("reboot")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("severity", "status"), [("critical", "failed"), ("major", "degraded"), ("minor", "warn")]
)
def test_a_service_that_has_failed_counts_by_its_severity(
    folder: HostFolder, severity: str, status: str
) -> None:
    folder.define("x", "fails", manager="sm", severity=severity, restarts=1)
    folder.define("y", "fails", manager="sm", severity="minor", restarts=1, port=PORT)
    client: SmClient
    with daemon(folder) as client:
        until(lambda: set(client.nodes().own.ailing) == {"x", "y"})
        assert client.nodes().own.status == status
