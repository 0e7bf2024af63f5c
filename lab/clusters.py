"""Clusters of real software on lab hosts: Ceph monitors in quorum, a Pacemaker pair."""

import json
import threading
import time
import uuid
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from lab.host import Host
from lab.machine import LabError

CEPH = """[global]
fsid = {fsid}
mon_initial_members = {names}
mon_host = {addresses}
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
osd_pool_default_size = 1
mon_warn_on_pool_no_redundancy = false
mon_allow_pool_size_one = true
bluestore_block_size = 1073741824
osd_memory_target = 939524096
ms_bind_msgr2 = true
mon_lease = 2
mon_election_timeout = 2
"""
COROSYNC = """totem {{
    version: 2
    cluster_name: lab
    transport: udpu
    token: 1000
}}
nodelist {{
{nodes}
}}
quorum {{
    provider: corosync_votequorum
    two_node: 1
    wait_for_all: 0
}}
logging {{
    to_syslog: yes
}}
"""
NODE = """    node {{
        ring0_addr: {address}
        name: {name}
        nodeid: {number}
    }}"""
SETTINGS = """
cd /var/lib/pacemaker/cib && cibadmin --empty >cib.xml && export CIB_file=$PWD/cib.xml
crm_attribute -q -n stonith-enabled -v false && crm_attribute -q -n dc-deadtime -v 3s
chown hacluster:haclient cib.xml && rm -f cib.xml.sig
systemctl start pacemaker
"""
RESOURCE = """<primitive id="front" class="systemd" type="haproxy">
  <operations><op id="front-monitor" name="monitor" interval="2s" timeout="20s"/></operations>
</primitive>"""


def start_monitors(hosts: Sequence[Host]) -> None:
    """Make a Ceph cluster with one monitor a host (layer `ceph`), and wait for full quorum.

    Raises:
        LabError: it has no quorum of all within its time.
    """
    fsid = str(uuid.uuid4())
    names = [host.short for host in hosts]
    addresses = [host.address for host in hosts]
    text = CEPH.format(fsid=fsid, names=",".join(names), addresses=",".join(addresses))
    added = " ".join(f"--add {host.short} {host.address}:6789" for host in hosts)
    for host in hosts:
        host.put("/etc/ceph/ceph.conf", text)
        host.run(f"monmaptool --create --clobber --fsid {fsid} {added} /tmp/monmap")
        host.run(f"runuser -u ceph -- ceph-mon --mkfs -i {host.short} --monmap /tmp/monmap")
        host.run(f"systemctl enable -q --now ceph-mon@{host.short}")
    end = time.monotonic() + 60
    while len(quorum(hosts[0])) < len(hosts):
        if time.monotonic() > end:
            raise LabError(f"no full quorum: {hosts[0].run('ceph -s', check=False)}")
        time.sleep(0.3)


def quorum(host: Host) -> list[str]:
    """The monitors in quorum, as Ceph itself tells on a host; none where it does not answer."""
    command = "ceph --connect-timeout 5 quorum_status --format json"
    told = host.run(command, check=False, limit_s=30)
    return list(json.loads(told.output)["quorum_names"]) if told.status == 0 else []


def start_osd(host: Host, number: int) -> None:
    """Make and start an OSD on a file of one GiB, and wait until Ceph says that it is up."""
    folder = f"/var/lib/ceph/osd/ceph-{number}"
    made = str(uuid.uuid4())
    host.run(f"ceph osd new {made} {number}", limit_s=30)
    host.run(f"mkdir -p {folder} && chown ceph:ceph {folder}")
    host.run(f"runuser -u ceph -- ceph-osd -i {number} --mkfs --osd-uuid {made}", limit_s=60)
    host.run(f"systemctl enable -q --now ceph-osd@{number}")
    host.until("ceph osd stat --format json | grep -q '\"num_up_osds\":1'", limit_s=60)


def start_pair(hosts: Sequence[Host]) -> None:
    """Make a Pacemaker cluster (layer `pacemaker`) that runs haproxy on one of its two hosts.

    Raises:
        LabError: the resource does not start within its time.
    """
    nodes = [
        NODE.format(address=host.address, name=host.short, number=number)
        for number, host in enumerate(hosts, start=1)
    ]
    for host in hosts:
        host.run("systemctl disable -q --now haproxy")
        host.put("/etc/corosync/corosync.conf", COROSYNC.format(nodes="\n".join(nodes)))
        host.run("systemctl start corosync && " + SETTINGS)
    first = hosts[0]
    first.until("crm_mon -1 2>/dev/null | grep -q 'Online: .* one two '", limit_s=60)
    first.run(["cibadmin", "--create", "--scope", "resources", "--xml-text", RESOURCE])
    first.until("crm_mon -1 | grep -q 'front.*Started'", limit_s=60)


class Watch:
    """Asks one question again and again from a thread, as long as it is entered.

    Attributes:
        answers: each answer with the seconds since the watch began.
    """

    def __init__(self, host: Host, command: str, *, every_s: float = 0.1) -> None:
        self.answers: list[tuple[float, str]] = []
        self._host, self._command, self._every_s = host, command, every_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def longest_s(self, answer: str) -> float:
        """The longest time for which the answer was the same as this one, without a break."""
        longest, since = 0.0, None
        for at, said in self.answers:
            since = (since if since is not None else at) if said == answer else None
            longest = max(longest, at - since if since is not None else 0.0)
        return longest

    def _ask(self) -> None:
        while not self._over.wait(self._every_s):
            told = self._host.run(self._command, check=False, limit_s=60)
            self.answers.append((time.monotonic() - self._began, told.output.strip()))
