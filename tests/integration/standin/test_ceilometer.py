from pathlib import Path
from typing import Any

import pytest

from insvc.standin.ceilometer import SAMPLE_S, Meter

pytestmark = pytest.mark.integration


def test_samples_stay_in_memory_until_four_are_there(tmp_path: Path) -> None:
    meter = Meter(str(tmp_path / "m.json"), 1000.0)
    for turn in range(3):
        meter.sample(1000.0 + turn * SAMPLE_S)
    assert meter.stats()["in_memory"] == 3
    assert meter.stats()["stored"] == 0
    meter.sample(1000.0 + 3 * SAMPLE_S)
    assert meter.stats() == {"stored": 4, "in_memory": 0, "lost": 0, "lost_at_start": 0}


def test_what_was_in_memory_and_what_was_missed_is_lost(tmp_path: Path) -> None:
    path = str(tmp_path / "m.json")
    first = Meter(path, 1000.0)
    for turn in range(6):
        first.sample(1000.0 + turn * SAMPLE_S)
    assert first.stats()["in_memory"] == 2
    second = Meter(path, 1000.0 + 8 * SAMPLE_S)
    assert second.lost_at_start == 4
    second.sample(1000.0 + 11 * SAMPLE_S)
    assert second.stats()["lost"] == 4
    third = Meter(path, 1000.0 + 12 * SAMPLE_S)
    assert third.lost_at_start == 0
    assert third.stats()["lost"] == 4


def test_a_clock_that_was_set_back_loses_nothing(tmp_path: Path) -> None:
    path = str(tmp_path / "m.json")
    first = Meter(path, 1000.0)
    first.sample(1000.0 + 3 * SAMPLE_S)
    assert Meter(path, 990.0).lost_at_start == 0


def test_it_tells_its_meters(site: Any) -> None:
    running = site.start("ceilometer").ready()
    running.wait(lambda: running.ask("/v1/meters")[1]["stored"] > 0)
    assert running.ask("/elsewhere")[0] == 404
