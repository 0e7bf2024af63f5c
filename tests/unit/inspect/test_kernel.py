"""Kernels that run and that are installed."""

import pytest

from insvc.inspect.kernel import Image, Running, kernel_account, release_of, unnamed
from insvc.model.words import EvidenceKind, Verdict

DEBIAN = "#1 SMP PREEMPT_DYNAMIC Debian 6.1.106-3 (2024-08-26)"
LATER = "#1 SMP PREEMPT_DYNAMIC Debian 6.1.112-1 (2024-09-30)"
UBUNTU = "#101-Ubuntu SMP Tue Nov 14 13:30:08 UTC 2023"


def image(release: str, build: str | None = None, version: str | None = None) -> Image:
    return Image(path=f"/boot/vmlinuz-{release}", release=release, build=build, version=version)


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("5.9.0-1-amd64", "5.10.0-1-amd64"),
        ("6.1.0-9-amd64", "6.1.0-26-amd64"),
        ("6.1.0-26-amd64", "6.12.9-amd64"),
        ("6.12-rc6-amd64", "6.12-amd64"),
        ("6.12-rc6-amd64", "6.12.1-amd64"),
        ("6.12-rc6-amd64", "6.12-rc10-amd64"),
        ("6.1.0-0.deb11.25-amd64", "6.1.0-25-amd64"),
        ("5.9.0-0.bpo.5-amd64", "5.9.0-1-amd64"),
        ("6.12.9+bpo-amd64", "6.12.9-amd64"),
        ("6.12.9-amd64", "6.12.27+deb13-amd64"),
        ("6.1.0-9-686-pae", "6.1.0-10-686-pae"),
        ("6.12.9-686-pae", "6.12.10-686-pae"),
        ("5.15.0-91-generic", "5.15.0-101-generic"),
        ("6.5.0-1014-aws", "6.5.0-1101-aws"),
        ("6.5.11-7-pve", "6.5.11-10-pve"),
        ("5.14.21-150500.55.39-default", "5.14.21-150500.55.104-default"),
        ("5.14.0-362.8.1.el9_3.x86_64", "5.14.0-362.13.1.el9_3.x86_64"),
        ("5.14.0-362.el9.x86_64", "5.14.0-362.8.1.el9_3.x86_64"),
        ("6.5.6-300.fc39.x86_64", "6.6.2-101.fc39.x86_64"),
        ("6.6.0-0.rc1.17.fc40.x86_64", "6.6.0-300.fc40.x86_64"),
        ("5.15.0-200.131.27.el9uek.x86_64", "5.15.0-205.149.5.el9uek.x86_64"),
    ],
)
def test_kernels_of_one_flavour_are_ordered(older: str, newer: str) -> None:
    one, other = release_of(older), release_of(newer)
    assert one is not None
    assert other is not None
    assert one.flavour == other.flavour
    assert one.order < other.order


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("6.1.0-26-amd64", "6.1.0-26-cloud-amd64"),
        ("6.1.0-26-amd64", "6.1.0-26-rt-amd64"),
        ("6.1.0-26-amd64", "6.1.0-26-amd64.old"),
        ("6.1.0-26-686", "6.1.0-26-686-pae"),
        ("5.15.0-91-generic", "5.15.0-91-lowlatency"),
        ("5.15.0-200.131.27.el9uek.x86_64", "5.14.0-362.8.1.el9_3.x86_64"),
        ("5.14.0-70.13.1.rt21.83.el9_0.x86_64", "5.14.0-70.13.1.el9_0.x86_64"),
        ("5.14.0-362.8.1.el9_3.x86_64+debug", "5.14.0-362.8.1.el9_3.x86_64"),
    ],
)
def test_kernels_for_different_uses_are_told_apart(one: str, other: str) -> None:
    left, right = release_of(one), release_of(other)
    assert left is not None
    assert right is not None
    assert left.flavour != right.flavour


def test_a_newer_kernel_of_its_flavour_makes_the_running_one_stale() -> None:
    told = kernel_account(
        Running(release="6.1.0-25-amd64", build=DEBIAN),
        [image("6.1.0-26-amd64", LATER), image("6.1.0-25-amd64", DEBIAN)],
    )
    (one,) = told.instances
    assert one.verdict is Verdict.STALE
    (sign,) = one.evidence
    assert sign.kind is EvidenceKind.KERNEL_NEWER
    assert sign.subject == "/boot/vmlinuz-6.1.0-26-amd64"
    assert (sign.found, sign.expected) == (
        "6.1.0-25-amd64 (6.1.106-3)",
        "6.1.0-26-amd64 (6.1.112-1)",
    )


def test_a_running_kernel_that_was_removed_is_stale_beside_a_newer_one() -> None:
    told = kernel_account(
        Running(release="5.9.0-1-amd64", build="#1 SMP Debian 5.9.1-1"), [image("5.10.0-1-amd64")]
    )
    assert told.instances[0].verdict is Verdict.STALE
    assert told.instances[0].evidence[0].expected == "5.10.0-1-amd64"


def test_a_newer_kernel_of_another_flavour_says_nothing() -> None:
    told = kernel_account(
        Running(release="6.1.0-25-amd64", build=DEBIAN),
        [image("6.1.0-26-cloud-amd64", LATER), image("6.1.0-25-amd64", DEBIAN)],
    )
    assert told.instances[0].verdict is Verdict.CURRENT


def test_another_build_of_the_same_name_is_stale() -> None:
    told = kernel_account(
        Running(release="6.1.0-25-amd64", build=DEBIAN), [image("6.1.0-25-amd64", LATER)]
    )
    assert told.instances[0].verdict is Verdict.STALE
    assert "6.1.112-1" in told.instances[0].evidence[0].expected


def test_builds_without_a_version_are_compared_as_a_whole() -> None:
    running = Running(release="6.9.1", build="#2 SMP Mon May 20")
    same = kernel_account(running, [image("6.9.1", "#2 SMP Mon May 20")])
    other = kernel_account(running, [image("6.9.1", "#3 SMP Tue May 21")])
    assert same.instances[0].verdict is Verdict.CURRENT
    assert other.instances[0].verdict is Verdict.STALE


@pytest.mark.parametrize(
    ("version", "verdict"), [("5.15.0-91.101", Verdict.CURRENT), ("5.15.0-91.102", Verdict.STALE)]
)
def test_an_image_that_may_not_be_read_is_known_by_its_package(
    version: str, verdict: Verdict
) -> None:
    told = kernel_account(
        Running(release="5.15.0-91-generic", build=UBUNTU),
        [image("5.15.0-91-generic", version=version)],
    )
    assert told.instances[0].verdict is verdict


def test_a_build_of_nobody_knows_which_version_is_told_as_unseen() -> None:
    for build in (DEBIAN, "#1 SMP"):
        told = kernel_account(
            Running(release="6.1.0-25-amd64", build=build), [image("6.1.0-25-amd64")]
        )
        assert told.instances == ()
        assert "cannot be read, and no package is known" in told.unseen[0]


def test_a_name_of_rpm_tells_the_build() -> None:
    release = "5.14.0-362.8.1.el9_3.x86_64"
    told = kernel_account(Running(release=release, build="#1 SMP"), [image(release)])
    assert told.instances[0].verdict is Verdict.CURRENT


def test_a_kernel_patched_in_memory_is_suspect_only() -> None:
    running = Running(release="6.1.0-25-amd64", build=DEBIAN, patches=("livepatch_7",))
    told = kernel_account(running, [image("6.1.0-26-amd64", LATER)])
    (one,) = told.instances
    assert one.verdict is Verdict.SUSPECT
    assert one.evidence[0].found.endswith("patched in memory by livepatch_7")


def test_an_older_kernel_alone_is_told_and_not_judged() -> None:
    told = kernel_account(
        Running(release="6.1.0-25-amd64", build=DEBIAN), [image("6.1.0-9-amd64", "x")]
    )
    assert told.instances == ()
    assert "a reboot would run 6.1.0-9-amd64, which is older" in told.unseen[0]


def test_where_no_kernel_is_installed_nothing_is_missed() -> None:
    told = kernel_account(Running(release="6.18.44-fc", build=""), [])
    assert (told.instances, told.unseen) == ((), ())
    assert "none is installed here" in told.beyond[0]


def test_a_kernel_of_no_installed_flavour_is_unseen() -> None:
    told = kernel_account(Running(release="6.18.44-own", build=""), [image("6.1.0-26-amd64")])
    assert told.instances == ()
    assert "none of its flavour is installed" in told.unseen[0]


@pytest.mark.parametrize(
    "release", ["linux", "", "6", "v6.1.0-26-amd64", "6.1.0_26", f"6.{10**4000}"]
)
def test_a_name_of_another_form_is_never_guessed(release: str) -> None:
    assert release_of(release) is None
    told = kernel_account(Running(release=release, build=""), [image("6.1.0-26-amd64")])
    assert told.instances == ()
    assert "does not tell its version" in told.unseen[0]


def test_images_of_odd_names_are_passed_over_and_told() -> None:
    images = [image("6.1.0-25-amd64", DEBIAN), *(image(name) for name in "abcd")]
    told = kernel_account(Running(release="6.1.0-25-amd64", build=DEBIAN), images)
    assert told.instances[0].verdict is Verdict.CURRENT
    assert unnamed(images) == ("kernel: no version is told by the name of a, b, c …: not compared",)
    assert unnamed(images[:1]) == ()
