"""`insvc catalog … local` on a real host: discovered, shipped and laid on, with who said what."""

import json

from lab.host import Host

LAYER = """format: insvc-layer/1
name: this-host
level: host
entries:
  - {name: haproxy, restart_class: deferred}
  - {name: haprosy, restart_class: deferred}
"""


def test_a_host_tells_what_it_knows_of_a_service_and_who_said_so(host: Host) -> None:
    host.put("/etc/insvc/catalog.d/mine.yaml", LAYER)
    told = host.run("insvc catalog show haproxy dbus --catalog local --json")
    haproxy, dbus = json.loads(told.output)["entries"]
    assert (haproxy["name"], haproxy["restart_class"]) == ("haproxy.service", "deferred")
    assert haproxy["provenance"]["restart_class"] == "host: this-host"
    assert haproxy["provenance"]["services"].startswith("discovered")
    assert (dbus["restart_class"], dbus["managed_by"]) == ("reboot-only", "systemd")
    assert dbus["provenance"]["restart_class"].startswith("debian, ")
    linted = host.run("insvc catalog lint local", check=False).output
    assert "haprosy is not on this host" in linted
    assert "haproxy is not on this host" not in linted
    assert "CAT002" not in linted
