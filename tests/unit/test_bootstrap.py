import sys
from pathlib import Path

import pytest

from insvc.bootstrap import connect, make_solver
from insvc.catalog.entry import Catalog
from insvc.errors import FaultyDocument, UnknownName, WorldError


def test_a_place_without_a_cloud_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="holds no cloud") as refused:
        connect(tmp_path)
    assert "insvc cloud start" in refused.value.next_act


def test_a_faulty_topology_is_refused_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "topology.json").write_text('{"format": "insvc-topology/1", "hots": []}')
    with pytest.raises(FaultyDocument) as refused:
        connect(tmp_path)
    assert "topology.json" in refused.value.faults[0]


def test_a_cloud_is_reached_with_the_built_in_catalog_unless_another_is_given(
    tmp_path: Path,
) -> None:
    host = '{"name": "compute-0", "personality": "worker"}'
    (tmp_path / "topology.json").write_text(f'{{"format": "insvc-topology/1", "hosts": [{host}]}}')
    (tmp_path / "controller").mkdir()
    world = connect(tmp_path)
    assert world.catalog.name == "titanium"
    assert [one.name for one in world.topology.hosts] == ["compute-0"]
    other = Catalog(name="other")
    assert connect(tmp_path, catalog=other).catalog is other


def test_a_solver_that_is_not_installed_is_an_error_with_the_way_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "ortools.sat.python", None)
    monkeypatch.delitem(sys.modules, "insvc.adapters.improve_cpsat", raising=False)
    monkeypatch.delattr("insvc.adapters.improve_cpsat", raising=False)
    with pytest.raises(WorldError, match="not installed") as refused:
        make_solver(1.0)
    assert "make .venv/.improve" in refused.value.next_act
