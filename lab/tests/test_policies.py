"""What a policy and a catalog say comes true: stop, roll back, and never touch a job mid-run."""

import json

from lab import packages
from lab.host import Host

GOOD = "#!/usr/bin/python3\nimport time\ntime.sleep(9999)\n"
LOOPS = "#!/usr/bin/python3\nimport time\ntime.sleep(0.4)\nraise SystemExit(3)\n"
JOB = """#!/usr/bin/python3
import os, time
open("/run/began", "w").write(str(os.getpid()))
until = time.monotonic() + {seconds}
while time.monotonic() < until:
    time.sleep(0.1)
open(f"/run/ended-{{os.getpid()}}", "w").close()
"""
ALWAYS = "Restart=always\nRestartSec=100ms\n[Unit]\nStartLimitIntervalSec=0"


def served(host: Host, name: str) -> str:
    """A service whose program is a package's, and waits for its next version; returns its unit."""
    program = f"/opt/{name}/serve"
    packages.make(host, name, "1", {program: GOOD}, programs=[program])
    packages.install(host, f"{name}=1")
    host.unit(f"{name}.service", program, more=ALWAYS)
    packages.make(host, name, "2", {program: LOOPS}, programs=[program])
    return f"{name}.service"


def run_of(host: Host, unit: str) -> str:
    return host.run(["systemctl", "show", "-P", "InvocationID", unit]).output.strip()


def restart(host: Host, words: str, **policy: object) -> dict[str, str | None]:
    """Restart under a policy; returns what became of the run and, by service, of each step."""
    host.put("/etc/policy.json", json.dumps({"format": "insvc-policy/1", **policy}))
    command = f"insvc restart --local {words} --yes --json --policy /etc/policy.json"
    done = host.run(command, check=False, limit_s=55)
    report = json.loads(done.output)
    steps = {one["service"]: one["outcome"] for one in report["steps"]}
    return {"run": report["outcome"], "exit": str(done.status), **steps}


def test_a_service_that_loops_stops_the_run_before_the_next_is_touched(host: Host) -> None:
    frail = served(host, "frail")
    host.unit("later.service", "/usr/bin/sleep 9999")
    before = run_of(host, "later.service")
    packages.install(host, "frail=2")
    told = restart(
        host, "frail later", on_failure="stop", parallel_services=1, prefer_first=[frail]
    )
    assert told[frail] == "failed"
    assert told["later.service"] is None
    assert (told["run"], told["exit"]) == ("failed", "5")
    assert run_of(host, "later.service") == before


def test_a_service_that_loops_is_rolled_back_where_the_policy_says_so(host: Host) -> None:
    unit = served(host, "shop")
    host.run("cd /srv/repository && for v in 1 2; do cp shop_$v.deb /opt/shop_${v}_all.deb; done")
    host.run("insvc patch install --local /opt/shop_2_all.deb")
    host.run("cp /opt/shop_1_all.deb /var/lib/insvc/packages/")
    assert packages.version_of(host, "shop") == "2"
    told = restart(host, "shop", on_failure="rollback")
    assert told["run"] == "rolled-back"
    assert packages.version_of(host, "shop") == "1"
    before = run_of(host, unit)
    host.run("sleep 1")
    assert run_of(host, unit) == before
    assert host.run(["systemctl", "is-active", unit]).output == "active\n"


def test_a_job_mid_run_is_never_touched_and_its_next_run_is_the_cure(host: Host) -> None:
    script = "/opt/nightly/job"
    for version, seconds in (("1", 12), ("2", 1)):
        text = JOB.format(seconds=seconds)
        packages.make(host, "nightly", version, {script: text}, programs=[script])
    packages.install(host, "nightly=1")
    host.put("/etc/cron.d/nightly", f"@reboot root {script}\n17 3 * * * root {script}\n")
    host.run("rm -f /run/crond.reboot; systemctl restart cron")
    host.until("test -s /run/began")
    pid = host.get("/run/began")
    packages.install(host, "nightly=2")
    seen = json.loads(host.run("insvc scan --local --json", check=False).output)
    stale = [one["service"] for one in seen["hosts"][0]["instances"] if one["verdict"] == "stale"]
    assert any("nightly" in name for name in stale), stale
    told = restart(host, "--stale", on_failure="continue")
    jobs = {name: outcome for name, outcome in told.items() if "nightly" in name}
    assert "restarted" not in jobs.values()
    host.until(f"test -e /run/ended-{pid}", limit_s=30)
    assert "cron.service" not in told
