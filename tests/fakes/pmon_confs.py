"""Process files of pmon as they are in the field, written anew: name, times, mode, extras."""

from typing import Final

_PROCESS: Final = """\
sm critical 3 5 20 15 quorum=1
sm-api major 3 5 20 1
sm-eru minor 3 5 20 5
sm-watchdog major 3 5 20 1
sw-patch-agent major 3 5 20 10
sw-patch-controller-daemon major 3 5 20 10
software-agent major 3 5 20 10
software-controller-daemon major 3 5 20 10
sysinv-agent major 3 5 20 1
fm-api major 3 5 20 1
mtcClient major 5 5 10 5 mode=active port=2201 period=5 timeout=4 threshold=3 quorum=1
hbsClient major 5 5 10 5 mode=active port=2202 period=5 timeout=4 threshold=3 quorum=1 \
full_init_reqd=1 subfunction=last-config
hbsAgent major 1 5 20 5
fsmond major 5 5 20 5 quorum=1
mtcalarmd major 5 5 20 5
mtclogd minor 5 5 20 5
lmond major 3 5 20 5
rmond major 3 10 20 5
guestServer major 3 3 10 1 subfunction=compute
acpid minor 3 5 20 5
sshd minor 10 5 20 5
nslcd major 3 5 20 5
sssd major 3 5 20 5
syslog-ng minor 2 2 20 5
ntpd minor 0 10 10 180
ptp4l minor 3 5 20 5
phc2sys minor 3 5 20 5
logmgmt minor 5 10 20 10
libvirtd critical 3 5 20 5 subfunction=worker
nova-compute critical 3 5 20 15 script=/etc/init.d/nova-startup subfunction=worker
nova-cleanup critical 3 5 360 15 script=/etc/init.d/nova-cleanup subfunction=worker
ceilometer-polling minor 5 10 20 5
neutron-dhcp-agent major 3 5 20 5 subfunction=worker
neutron-metadata-agent major 3 5 20 5 subfunction=worker
neutron-sriov-nic-agent major 3 5 20 5 subfunction=worker
neutron-bgp-dragent major 3 5 20 5
ovsdb-server critical 3 5 20 5 subfunction=worker
ovs-vswitchd critical 0 0 20 5 subfunction=worker
ovs-access-monitor major 3 5 20 5 subfunction=worker
containerd critical 3 5 20 5
dockerd critical 3 7 20 7 subfunction=last-config
kubelet critical 3 5 20 5 subfunction=last-config
isolcpu_plugin major 3 5 20 5 subfunction=worker
pci-irq-affinity-agent major 3 5 20 1 subfunction=last-config
ceph major 3 30 0 1 mode=status period=30 timeout=120
ceph-fixed-mon major 5 30 0 1 mode=status period=30 timeout=120
ceph-mds major 5 30 0 1 mode=status period=30 timeout=120
luks-fs-mgr critical 3 1 20 5 quorum=1
ipsec-server major 3 5 20 5
charon major 3 5 20 5
charon-systemd major 3 5 60 5
collectd major 3 5 10 10
influxdb major 3 5 10 3
io-monitor-manager major 3 5 20 5
inventory-agent major 3 5 20 1
host_agent major 3 5 20 5
"""
_STATUS: Final = (
    "script=/etc/init.d/{0}-wrapper",
    "start_arg=start",
    "status_arg=status",
    "status_failure_text=/tmp/ceph_status_failure.txt",
)


def confs() -> dict[str, str]:
    """The text of each file by the name of its process."""
    return {line.split()[0]: _conf(line) for line in _PROCESS.splitlines()}


def _conf(line: str) -> str:
    name, severity, restarts, interval, debounce, startup, *more = line.split()
    if "mode=status" in more:
        more += [one.format(name) for one in _STATUS]
    else:
        more.append(f"pidfile=/var/run/{name}.pid")
        more.append(f"debounce={debounce}")
    # The mode stands last: its keys come before it, which the original does not read.
    pairs = [
        f"process={name}",
        "style=lsb",
        f"severity={severity}",
        f"restarts={restarts}",
        f"interval={interval}",
        f"startuptime={startup}",
        *sorted(more, key=lambda one: one.startswith("mode=")),
    ]
    body = "\n".join("{0:<10} = {2} ; as delivered".format(*one.partition("=")) for one in pairs)
    return f"; {name}\n[process]\n{body}\n"
