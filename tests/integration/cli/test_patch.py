"""`insvc patch install` on the embedded cloud, the restart after it, and its rollback."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from insvc.bootstrap import connect
from insvc.cli.main import insvc
from insvc.cloud.archive import archived, archived_versions, next_version

pytestmark = [pytest.mark.integration, pytest.mark.slow]

PACKAGE = "io-monitor-manager"


def call(cloud: Path, *words: str) -> Result:
    done = CliRunner().invoke(insvc, [*words, "--cloud", str(cloud)], standalone_mode=False)
    assert done.exception is None, done.output
    return done


def test_a_patch_from_the_command_line_is_restarted_and_rolled_back(running_cloud: Path) -> None:
    before = archived_versions(running_cloud, PACKAGE)
    deb = archived(running_cloud, PACKAGE, next_version(*before))
    installed = json.loads(call(running_cloud, "patch", "install", str(deb), "--json").stdout)
    assert sorted(installed["patch"]) == ["controller-0", "controller-1"]
    report = json.loads(call(running_cloud, "restart", "--yes", "--json").stdout)
    assert report["outcome"] == "succeeded"
    undone = json.loads(call(running_cloud, "run", "rollback", "latest", "--json").stdout)
    assert (undone["outcome"], undone["stale_after"]) == ("succeeded", [])
    told = connect(running_cloud).journal.runs()
    assert told[1].run == report["run"]
    assert told[1].state == "rolled-back"
    assert "no patch" not in call(running_cloud, "patch", "list").output
