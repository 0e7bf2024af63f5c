import json
from typing import Any

import pytest

from insvc.standin.cron_job import KEEP_S, purge

pytestmark = pytest.mark.integration


def test_old_rows_are_dropped_and_young_ones_stay() -> None:
    rows = [{"ran_at": 1000.0}, {"ran_at": 1000.0 + KEEP_S}]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    assert purge(text, 1001.0 + KEEP_S) == ([rows[1]], 1)
    assert purge("", 5.0) == ([], 0)


def test_each_run_adds_a_row_with_the_version_it_ran(site: Any) -> None:
    for _ in range(2):
        assert site.start("cron_job", work_s=0.05).process.wait(30) == 0
    lines = (site.root / "var/lib/cron_job-8000/runs.jsonl").read_text().splitlines()
    assert [json.loads(line)["version"] for line in lines] == ["2.3-4", "2.3-4"]


def test_it_has_a_pidfile_while_it_runs(site: Any) -> None:
    running = site.start("cron_job", work_s=30.0)
    pidfile = site.root / "run/cron_job-8000.pid"
    running.wait(pidfile.exists)
    assert pidfile.read_text() == f"{running.process.pid}\n"
