from pathlib import Path

import pytest

from insvc.cloud.patches import build_patch, packages_of
from insvc.errors import InputError, UnknownName


@pytest.mark.parametrize(
    ("name", "packages"),
    [
        ("cinder", {"cinder"}),
        ("cinder-api", {"cinder"}),
        ("ceph", {"ceph-mon", "ceph-osd"}),
        ("ceph-osd", {"ceph-osd"}),
        ("nova", {"nova", "nova-compute"}),
        ("nova-api", {"nova"}),
        ("keystone-all", {"keystone"}),
        ("io-monitor", {"io-monitor-manager"}),
        ("vim", {"vim"}),
        ("heat", {"heat-api", "heat-api-cfn", "heat-api-cloudwatch", "heat-engine"}),
        (" Haproxy ", {"haproxy"}),
        ("sm", {"sm"}),
    ],
)
def test_a_name_stands_for_packages(name: str, packages: set[str]) -> None:
    found = set(packages_of(name))
    assert found == packages | ({"heat-purge-deleted-active"} if name == "heat" else set())


def test_an_unknown_name_is_refused_with_near_ones() -> None:
    with pytest.raises(UnknownName) as caught:
        packages_of("nova-conducter")
    assert "nova-conductor" in caught.value.next_act


def test_a_name_that_is_near_to_nothing_is_refused_with_all() -> None:
    with pytest.raises(UnknownName) as caught:
        packages_of("zzzzzz")
    assert "haproxy" in caught.value.next_act


def test_a_patch_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="names nothing"):
        build_patch(tmp_path, [])


def test_an_unknown_faulty_service_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownName):
        build_patch(tmp_path, ["vim"], faulty="cinder")
