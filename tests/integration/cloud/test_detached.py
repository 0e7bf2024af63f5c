import os
import time
from pathlib import Path

import pytest

from insvc.cloud.detached import start_detached

pytestmark = pytest.mark.integration


def test_it_runs_in_a_session_of_its_own_and_logs(tmp_path: Path) -> None:
    log = tmp_path / "it.log"
    log.write_text("before\n", encoding="utf-8")
    pid = start_detached("insvc.no_such_module", tmp_path, log)
    assert os.getsid(pid) != os.getsid(0)
    while os.waitpid(pid, os.WNOHANG) == (0, 0):
        time.sleep(0.01)
    text = log.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert "insvc.no_such_module" in text
