from pathlib import Path

import pytest

from insvc.cli.inputs import choose_catalog, look_at
from insvc.errors import InputError

pytestmark = pytest.mark.integration

EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "plan"
TOPOLOGY, SEEN = EXAMPLES / "topology.yaml", EXAMPLES / "observation.json"


def test_files_stand_for_a_cloud() -> None:
    hosts, seen, world = look_at(None, TOPOLOGY, SEEN)
    assert {one.name for one in hosts.hosts} == {one.host for one in seen.hosts}
    assert world is None


@pytest.mark.parametrize("given", [(TOPOLOGY, None), (None, SEEN)])
def test_one_file_is_not_enough(given: tuple[Path | None, Path | None]) -> None:
    with pytest.raises(InputError, match="is missing"):
        look_at(None, *given)


def test_files_and_a_cloud_are_not_mixed() -> None:
    with pytest.raises(InputError, match="one or the other"):
        look_at(Path("cloud"), TOPOLOGY, SEEN)


def test_one_catalog_is_chosen() -> None:
    assert choose_catalog(None, None).name == "titanium"
    with pytest.raises(InputError, match="one of them"):
        choose_catalog(Path("a"), Path("b"))
