"""Whose a process is, by its control group."""

import pytest

from insvc.inspect.cgroup import NOBODY, OwnerKind, group_of, is_within, owner_of, user_unit_of

ID = "0123456789ab" + "c" * 52


@pytest.mark.parametrize(
    ("text", "group"),
    [
        (b"0::/system.slice/ssh.service\n", "/system.slice/ssh.service"),
        (b"9:cpu,cpuacct:/a\n1:name=systemd:/system.slice/cron.service\n0::/\n",
         "/system.slice/cron.service"),
        (b"4:cpu:/docker/x\n1:name=systemd:/\n", "/docker/x"),
        (b"1:name=systemd:/../..\n0::/user.slice/session-1.scope\n", "/user.slice/session-1.scope"),
        (b"1:name=systemd:/../ssh.service\n0::/..\n", "/../ssh.service"),
        (b"0::/odd:name.service\n", "/odd:name.service"),
        (b"0::/a\xff\n", "/a\udcff"),
        (b"", "/"),
        (b"nonsense", "/"),
        (b"0::\n", "/"),
    ],
)  # fmt: skip
def test_the_group_is_read_from_either_version(text: bytes, group: str) -> None:
    assert group_of(text) == group


@pytest.mark.parametrize(
    ("group", "kind", "name"),
    [
        ("/system.slice/ssh.service", OwnerKind.UNIT, "ssh.service"),
        ("/system.slice/foo.service/worker/deep", OwnerKind.UNIT, "foo.service"),
        ("/system.slice/system-getty.slice/getty@tty1.service", OwnerKind.UNIT,
         "getty@tty1.service"),
        ("/../../ssh.service", OwnerKind.UNIT, "ssh.service"),
        ("/system.slice/run-r1.scope", OwnerKind.UNIT, "run-r1.scope"),
        ("/init.scope", OwnerKind.INIT, "init.scope"),
        ("/user.slice/user-1000.slice/session-3.scope", OwnerKind.SESSION, "session-3.scope"),
        ("/user.slice/user-1000.slice/user@1000.service/init.scope", OwnerKind.SESSION,
         "user@1000.service"),
        ("/user.slice/user-1000.slice/user@1000.service/app.slice/x.service", OwnerKind.SESSION,
         "user@1000.service"),
        (f"/system.slice/docker-{ID}.scope", OwnerKind.CONTAINER, "container:0123456789ab"),
        (f"/docker/{ID}", OwnerKind.CONTAINER, "container:0123456789ab"),
        (f"/system.slice/docker.service/docker/{ID}", OwnerKind.CONTAINER,
         "container:0123456789ab"),
        (f"/machine.slice/libpod-{ID}.scope/container", OwnerKind.CONTAINER,
         "container:0123456789ab"),
        (f"/libpod_parent/libpod-{ID}", OwnerKind.CONTAINER, "container:0123456789ab"),
        (f"/kubepods.slice/kubepods-pod1.slice/cri-containerd-{ID}.scope", OwnerKind.CONTAINER,
         "container:0123456789ab"),
        (f"/kubepods/burstable/pod1/{ID}", OwnerKind.CONTAINER, "container:0123456789ab"),
        ("/kubepods/burstable/pod1", OwnerKind.NOBODY, ""),
        ("/lxc.payload.web/system.slice/ssh.service", OwnerKind.CONTAINER, "container:web"),
        ("/lxc/web", OwnerKind.CONTAINER, "container:web"),
        ("/machine.slice/machine-a\\x2db.scope/payload/init.scope", OwnerKind.CONTAINER,
         "container:a-b"),
        ("/machine.slice/systemd-nspawn@a\\x2db.service/payload", OwnerKind.CONTAINER,
         "container:a-b"),
        ("/machine.slice/machine-qemu\\x2d12\\x2dvm\\x2d1.scope/libvirt/emulator",
         OwnerKind.GUEST, "guest:vm-1"),
        ("/machine.slice/machine-lxc\\x2d7\\x2dbox.scope", OwnerKind.CONTAINER, "container:box"),
        ("/", OwnerKind.NOBODY, ""),
        ("/system.slice", OwnerKind.NOBODY, ""),
        (f"/system.slice/x-{ID}", OwnerKind.NOBODY, ""),
    ],
)  # fmt: skip
def test_the_owner_is_told_from_the_group(group: str, kind: OwnerKind, name: str) -> None:
    found = owner_of(group)
    assert (found.kind, found.name) == (kind, name)


def test_the_owners_group_holds_all_of_its_processes() -> None:
    assert owner_of("/system.slice/foo.service/worker").group == "/system.slice/foo.service"
    assert owner_of("/lxc.payload.web/init.scope").group == "/lxc.payload.web"
    assert owner_of("/") == NOBODY


def test_a_users_own_unit_is_known_below_the_users_manager() -> None:
    below = "/user.slice/user-1000.slice/user@1000.service"
    assert user_unit_of(f"{below}/app.slice/x.service") == "x.service"
    assert user_unit_of(f"{below}/init.scope") == "init.scope"
    assert user_unit_of(below) is None
    assert user_unit_of("/system.slice/x.service") is None


def test_a_group_is_within_itself_and_what_is_above_it_only() -> None:
    assert is_within("/a/b", "/a/b")
    assert is_within("/a/b/c", "/a/b")
    assert is_within("/a", "/")
    assert not is_within("/a/bc", "/a/b")
    assert not is_within("/a", "/a/b")
