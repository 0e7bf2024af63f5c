"""Real services after a real upgrade of libssl: found as the kernel shows them, cured by insvc."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from lab import packages
from lab.host import Host
from lab.image import build
from lab.kernel_truth import units_with_deleted


@pytest.fixture(scope="module")
def services() -> Iterator[Host]:
    """A host that runs keystone, RabbitMQ, haproxy and supervisord, its libssl just upgraded."""
    build(["openstack"])
    with Host("services", layer="openstack") as host:
        libraries = host.run("ls /usr/lib/*/libcrypto.so.3 /usr/lib/*/libssl.so.3").output.split()
        packages.upgrade(host, "libssl3", libraries)
        yield host


def scanned(host: Host) -> dict[str, dict[str, Any]]:
    """The instances that scan tells of, by name."""
    told = host.run("insvc scan --json", check=False)
    return {one["service"]: one for one in json.loads(told.output)["hosts"][0]["instances"]}


def test_scan_blames_exactly_what_the_kernel_shows(services: Host) -> None:
    truth = units_with_deleted(services, "libcrypto")
    assert {"keystone.service", "rabbitmq-server.service", "haproxy.service"} <= set(truth)
    stale = {
        name: {sign["pid"] for sign in one["evidence"] if sign["pid"] is not None}
        for name, one in scanned(services).items()
        if one["verdict"] == "stale"
    }
    assert set(stale) == set(truth)
    for unit, pids in truth.items():
        assert stale[unit] <= set(pids), unit


def test_what_may_be_restarted_is_cured_and_the_rest_is_left_alone_until_named(
    services: Host,
) -> None:
    careful = {"rabbitmq-server.service", "supervisor.service", "systemd-logind.service"}
    before = {unit: run_of(services, unit) for unit in careful}
    done = services.run("insvc restart --stale --yes", check=False, limit_s=55)
    assert set(units_with_deleted(services, "libcrypto")) == careful, str(done)
    assert {unit: run_of(services, unit) for unit in careful} == before
    named = services.run("insvc restart rabbitmq-server.service --yes", check=False, limit_s=55)
    assert named.status == 0, str(named)
    left = set(units_with_deleted(services, "libcrypto"))
    assert left == careful - {"rabbitmq-server.service"}
    for unit in ("keystone", "rabbitmq-server", "haproxy", "supervisor"):
        assert services.run(f"systemctl is-active {unit}").output == "active\n"


def run_of(host: Host, unit: str) -> str:
    """The run of the unit that goes on now, by systemd's own name for it."""
    return host.run(["systemctl", "show", "-P", "InvocationID", unit]).output.strip()
