from pathlib import Path

import pytest

from insvc.adapters.dpkg import DpkgPackages
from insvc.cloud.archive import archived_versions
from insvc.cloud.patches import build_patch

pytestmark = pytest.mark.integration


def test_a_patch_changes_every_host_that_has_the_package(made_cloud: Path) -> None:
    patch = build_patch(made_cloud, ["ceph", "cinder-api"])
    assert {host: [one.package for one in changes] for host, changes in patch.items()} == {
        "controller-0": ["ceph-mon", "cinder"],
        "controller-1": ["ceph-mon", "cinder"],
        "storage-0": ["ceph-mon", "ceph-osd"],
    }
    change = patch["storage-0"][1]
    assert change.from_version == "1.0-1"
    assert Path(change.path).is_file()


def test_versions_are_never_used_twice(made_cloud: Path) -> None:
    first = build_patch(made_cloud, ["vim"])["controller-0"][0]
    second = build_patch(made_cloud, ["vim"], faulty="vim-api")["controller-1"]
    assert [one.package for one in second] == ["vim", "vim-api"]
    assert second[0].from_version == "1.0-1"
    assert second[0].to_version not in {first.to_version, "1.0-1"}
    assert archived_versions(made_cloud, "vim")[:2] == ("1.0-1", first.to_version)


def test_a_patch_can_be_installed_and_taken_back(made_cloud: Path) -> None:
    packages = DpkgPackages(made_cloud / "hosts/compute-1/root")
    change = build_patch(made_cloud, ["neutron-metadata-agent"])["compute-1"][0]
    packages.install([change.path])
    assert packages.installed()["neutron-metadata-agent"] == change.to_version
    packages.install([change.path.replace(change.to_version, "1.0-1")])
    assert packages.installed()["neutron-metadata-agent"] == "1.0-1"
