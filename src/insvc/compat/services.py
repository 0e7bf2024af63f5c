"""Which services each of the page's commands is about."""

NEUTRON = (
    "neutron-server",
    "neutron-bgp-dragent",
    "neutron-dhcp-agent",
    "neutron-metadata-agent",
    "neutron-sriov-nic-agent",
)
NEUTRON_OF_HAPROXY = ("neutron-dhcp-agent", "neutron-metadata-agent")
NOVA = (
    "nova-conductor",
    "nova-api",
    "nova-scheduler",
    "nova-console-auth",
    "nova-novnc",
    "nova-placement-api",
    "nova-compute",
)
CEPH = ("ceph-mon", "ceph-osd")
JOBS = ("ceilometer-expirer-active", "aodh-expirer-active", "heat-purge-deleted-active")
ALIASES = {
    "keystone-all": "keystone",
    "nfv-vim": "vim",
    "nfv-vim-api": "vim-api",
    "nfv-vim-webserver": "vim-webserver",
}
"""Names that `patch-restart-processes` takes for services that sm calls otherwise."""
AT_ONCE = 8
"""How many services `-p` restarts at a time on one host."""
