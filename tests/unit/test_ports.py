from insvc.ports import Outage, Target


def test_a_target_without_a_path_is_asked_over_tcp() -> None:
    assert Target(name="ceph-osd", endpoint="127.0.0.1:6800").path is None


def test_an_outage_that_lasts_has_no_end() -> None:
    assert Outage(from_at=1.0, until_at=None, resolution_s=0.01).until_at is None
