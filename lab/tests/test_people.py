"""Whose a stale login or user's manager is, and what is told of a boot, on a real host."""

import json

from lab import packages
from lab.host import Host

WAIT = "import time\nopen('/run/user/4002/started', 'w').close()\ntime.sleep(3600)\n"


def test_a_users_unit_is_told_with_the_user_and_the_way(host: Host) -> None:
    packages.make(host, "mine", "1", {"/usr/lib/mine/serve.py": WAIT})
    packages.make(host, "mine", "2", {"/usr/lib/mine/serve.py": WAIT + "# 2\n"})
    packages.install(host, "mine=1")
    host.run("useradd -m -u 4002 keeper && loginctl enable-linger keeper")
    host.until("test -S /run/user/4002/systemd/private", limit_s=20)
    host.run(
        "runuser -u keeper -- env XDG_RUNTIME_DIR=/run/user/4002 systemd-run -q --user "
        "--unit=mine /usr/bin/python3 /usr/lib/mine/serve.py"
    )
    host.until("test -e /run/user/4002/started", limit_s=10)
    packages.install(host, "mine=2")
    told = host.run("insvc scan --local --explain").output
    assert "STALE     user@4002.service" in told
    assert "It is keeper's, who renews it by `systemctl --user restart mine.service`" in told
    become = "runuser -u keeper -- env XDG_RUNTIME_DIR=/run/user/4002"
    assert f"(root begins it with `{become}`)" in told
    host.run(f"{become} systemctl --user restart mine.service")
    assert "user@4002.service" not in host.run("insvc scan --local").output


def test_a_container_claims_no_kernel_and_tells_of_a_wanted_reboot(host: Host) -> None:
    host.put("/run/reboot-required", "*** System restart required ***\n")
    host.put("/run/reboot-required.pkgs", "linux-image-6.1.0-26-amd64\ndbus\n")
    seen = json.loads(host.run("insvc scan --local --json").output)["hosts"][0]
    named = {one["service"]: one for one in seen["instances"]}
    assert not {"kernel", "microcode"} & set(named)
    assert any("this is a container" in line for line in seen["unseen"])
    (sign,) = named["reboot"]["evidence"]
    assert sign["found"] == "a reboot is asked for by linux-image-6.1.0-26-amd64, dbus"
    assert named["reboot"]["cure"]["restart_class"] == "reboot-only"
