"""The table of the commands."""

from insvc.compat.commands import COMMANDS

PAGE = {
    *("pmon-restart", "pmon-start", "pmon-stop", "sm-query", "sm-restart", "sm-restart-safe"),
    *("sm-dump", "sm-manage", "sm-unmanage", "patch-restart-processes", "patch-restart-haproxy"),
    *("patch-restart-mtce", "neutron-restart", "nova-restart", "horizon-patching-restart"),
    *("restart-glance", "restart-cinder", "ceph_pmon_wrapper.sh", "aodh-expirer-active"),
    *("ceilometer-expirer-active", "heat-purge-deleted-active", "insvc-is-locked"),
    *("insvc-init-script", "insvc-ocf-agent", "sm-provision", "sm-deprovision"),
}


def test_the_page_s_commands_are_there() -> None:
    assert set(COMMANDS) == PAGE


def test_every_command_says_what_it_does() -> None:
    assert [name for name, one in COMMANDS.items() if not one.get_short_help_str()] == []
