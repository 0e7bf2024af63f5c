"""A short while of each story of `make soak`: nothing is lost, doubled or started in vain."""

from pathlib import Path

import pytest

from tests.harness.soak import (
    check_flat,
    die_by_chance,
    lose_the_agent,
    restart_by_thousands,
    soaked,
)

pytestmark = [pytest.mark.scenario, pytest.mark.slow]


def test_one_process_restarted_again_and_again_leaves_nothing_behind(tmp_path: Path) -> None:
    with soaked(tmp_path / "cloud/hosts/h") as place:
        told = restart_by_thousands(place, 80, 5)
        check_flat(told, warm=10, rss_kib=8192, fds=2)
    assert told.faults == []
    assert told.counts["restarts"] == 80
    assert told.counts["requests answered"] > 0
    assert told.counts["requests while it was down"] > 0


def test_processes_that_die_by_chance_and_all_at_once_come_back_once(tmp_path: Path) -> None:
    with soaked(tmp_path / "cloud/hosts/h") as place:
        told = die_by_chance(place, 100, 6.0, 20.0)
        check_flat(told, warm=1, rss_kib=8192, fds=2)
    assert told.faults == []
    assert told.counts["deaths"] >= 100 + 40
    assert told.counts["starts"] == 100 + told.counts["deaths"]


def test_a_manager_killed_at_any_moment_starts_nothing_in_vain(tmp_path: Path) -> None:
    with soaked(tmp_path / "cloud/hosts/h") as place:
        told = lose_the_agent(place, 40, 8.0, 20.0)
    assert told.faults == []
    assert told.counts["agents killed"] >= 2


def test_what_grows_runs_twice_or_does_not_add_up_is_told(tmp_path: Path) -> None:
    with soaked(tmp_path / "cloud/hosts/h") as place:
        names = place.define(2)
        place.start_agent()
        place.wait_until_up()
        first = place.sample()
        place.told.samples.append(
            first._replace(fds=first.fds + 3, zombies=1, rss_kib=first.rss_kib + 5000)
        )
        check_flat(place.told, warm=0, rss_kib=4096, fds=2)
        place.told.counts["deaths"] = 1
        place.check_starts(names)
        twin = place.start_twin(names[0])
        place.look_for_twins()
        twin.kill()
        twin.wait()
    grown = [fault.split()[0] for fault in place.told.faults]
    assert grown == ["rss_kib", "fds", "zombies", "2", names[0]]
