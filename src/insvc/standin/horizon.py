"""Stand-in of the dashboard: users log in, and their sessions live in files."""

import os
import re
import secrets

from .program import Program, write_whole
from .service import Service
from .web import Reply, Request

COOKIE = re.compile(r"(?:^|;\s*)sessionid=([0-9a-f]{32})(?:;|$)")


class Dashboard:
    """Logins and pages."""

    def __init__(self, program: Program) -> None:
        self._folder = program.path("var/lib/horizon/sessions")
        os.makedirs(self._folder, exist_ok=True)

    def answer(self, request: Request) -> Reply:
        """POST /login opens a session; GET /dashboard needs one."""
        if request.method == "POST" and request.path == "/login":
            return self._log_in()
        if request.path == "/dashboard":
            return self._page(request)
        return Reply(404, {"fault": f"nothing is at {request.path}"})

    def stats(self) -> dict[str, object]:
        """How many users are logged in."""
        return {"sessions": len(os.listdir(self._folder))}

    def _log_in(self) -> Reply:
        session = secrets.token_hex(16)
        write_whole(os.path.join(self._folder, session), "")
        return Reply(200, {"logged_in": True}, Set_Cookie=f"sessionid={session}; HttpOnly")

    def _page(self, request: Request) -> Reply:
        found = COOKIE.search(request.headers.get("cookie", ""))
        if found is None or not os.path.exists(os.path.join(self._folder, found[1])):
            return Reply(401, {"fault": "log in first", "login": "/login"})
        return Reply(200, {"page": "overview"})


def _too_early(_request: Request) -> Reply:
    return Reply(500, {"fault": "the dashboard is not warm yet"})


def main(name: str, package: str, library: str, *, warm_s: float = 0.1) -> None:
    """Run it; see `insvc.standin.api.main`."""
    program = Program(name, package, library)
    dashboard = Dashboard(program)
    service = Service(program, dashboard.answer, stats=dashboard.stats, while_warming=_too_early)
    service.run(warm_s=warm_s)
