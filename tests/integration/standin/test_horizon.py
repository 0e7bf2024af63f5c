import shutil
from typing import Any

import pytest

pytestmark = pytest.mark.integration


def log_in(dashboard: Any) -> str:
    status, headers = dashboard.ask_with("/login", "POST")
    assert status == 200
    return str(headers["set-cookie"]).partition(";")[0]


def test_a_page_needs_a_session(site: Any) -> None:
    dashboard = site.start("horizon").ready()
    assert dashboard.ask("/dashboard")[0] == 401
    cookie = log_in(dashboard)
    assert dashboard.ask_with("/dashboard", "GET", Cookie=cookie)[0] == 200
    assert dashboard.ask("/stats")[1]["sessions"] == 1
    assert dashboard.ask("/elsewhere")[0] == 404


def test_sessions_live_in_files_and_end_with_them(site: Any) -> None:
    dashboard = site.start("horizon").ready()
    cookie = log_in(dashboard)
    assert dashboard.stop() == 0
    again = site.start("horizon").ready()
    assert again.ask_with("/dashboard", "GET", Cookie=cookie)[0] == 200
    assert again.stop() == 0
    shutil.rmtree(site.root / "var/lib/horizon/sessions")
    cleared = site.start("horizon").ready()
    assert cleared.ask_with("/dashboard", "GET", Cookie=cookie)[0] == 401


def test_a_login_that_comes_too_early_is_a_server_error(site: Any) -> None:
    dashboard = site.start("horizon", warm_s=30.0).listening()
    assert dashboard.ask("/login", "POST")[0] == 500
