"""`insvc.adapters.cloud_definitions`: services of a cloud's hosts that no catalog knows."""

import json
from pathlib import Path

from insvc.adapters.catalog_files import builtin
from insvc.adapters.cloud_definitions import undescribed
from insvc.model.topology import Host, Topology
from insvc.model.words import Manager, Personality

TOPOLOGY = Topology(
    hosts=(
        Host(name="controller-0", personality=Personality.CONTROLLER),
        Host(name="compute-0", personality=Personality.WORKER),
    )
)
CONF = """[process]
process = own-agent
script = /etc/init.d/own-agent
style = lsb
pidfile = /run/own-agent.pid
severity = minor
restarts = 3
interval = 1
debounce = 2
"""


def define(cloud: Path, host: str, name: str, text: str | None = None) -> None:
    folder = cloud / "hosts" / host / "root/etc/insvc/services.d"
    folder.mkdir(parents=True, exist_ok=True)
    fields = {"name": name, "manager": "pmon", "package": name, "command": [name]}
    fields["pidfile"] = f"run/{name}.pid"
    (folder / f"{name}.json").write_text(text or json.dumps(fields))


def test_nothing_is_read_where_the_catalog_knows_every_name(tmp_path: Path) -> None:
    define(tmp_path, "controller-0", "nova-api", "no definition at all")
    assert list(undescribed(tmp_path, TOPOLOGY, builtin("titanium"))) == []


def test_what_packages_and_process_files_define_is_found_on_each_host(tmp_path: Path) -> None:
    define(tmp_path, "controller-0", "nova-api")
    define(tmp_path, "controller-0", "site-agent")
    define(tmp_path, "controller-0", "broken", "{")
    folder = tmp_path / "hosts/compute-0/root/etc/pmon.d"
    folder.mkdir(parents=True)
    (folder / "own-agent.conf").write_text(CONF)
    (folder / "half.conf").write_text("[process]\nproc")
    found = list(undescribed(tmp_path, TOPOLOGY, builtin("titanium")))
    assert [(one.personality, one.definition.name) for one in found] == [
        (Personality.CONTROLLER, "site-agent"),
        (Personality.WORKER, "own-agent"),
    ]
    assert {one.definition.manager for one in found} == {Manager.PMON}
