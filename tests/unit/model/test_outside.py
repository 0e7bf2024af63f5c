"""Values that the ports exchange."""

from insvc.model.outside import Outage, Target


def test_a_target_is_asked_by_connection_alone_unless_it_has_a_path() -> None:
    assert Target(name="haproxy", endpoint="127.0.0.1:80").path is None


def test_an_outage_that_lasts_has_no_end() -> None:
    lasting = Outage(from_at=1.0, until_at=None, resolution_s=0.01)
    assert lasting != Outage(from_at=1.0, until_at=2.0, resolution_s=0.01)
