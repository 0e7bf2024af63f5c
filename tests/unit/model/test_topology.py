import pytest

from insvc.model.topology import Host, Topology
from insvc.model.words import Personality


def test_a_host_serves_as_its_personality_and_its_subfunctions() -> None:
    host = Host(
        name="controller-0",
        personality=Personality.CONTROLLER,
        subfunctions=(Personality.WORKER,),
    )
    assert host.serves_as(Personality.CONTROLLER)
    assert host.serves_as(Personality.WORKER)
    assert not host.serves_as(Personality.STORAGE)


def test_a_host_is_found_by_its_name() -> None:
    host = Host(name="compute-0", personality=Personality.WORKER)
    assert Topology(hosts=(host,)).host("compute-0") is host


def test_an_unknown_host_is_refused() -> None:
    with pytest.raises(KeyError, match="compute-9"):
        Topology().host("compute-9")
