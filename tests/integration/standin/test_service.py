from typing import Any

import pytest

from tests.fakes.threads import begin, end

pytestmark = pytest.mark.integration


def test_it_refuses_work_until_it_is_ready(site: Any) -> None:
    running = site.start("api", warm_s=0.3).listening()
    assert running.status("/v1/items") in {503, 200}
    running.ready()
    assert running.status("/v1/items") == 200


def test_a_slow_request_takes_as_long_as_asked(site: Any) -> None:
    running = site.start("api").ready()
    assert running.ask("/v1/slow?s=0.05") == (200, {"slept_s": 0.05})
    assert running.ask("/v1/slow?s=long")[0] == 400


@pytest.mark.parametrize("drain_s", [30.0, 0.0])
def test_open_requests_finish_only_where_it_drains(site: Any, drain_s: float) -> None:
    running = site.start("api", drain_s=drain_s).ready()
    answers: list[object] = []

    def client() -> None:
        try:
            answers.append(running.ask("/v1/slow?s=1")[0])
        except OSError:
            answers.append("broken off")

    asking = begin(client)
    running.wait(lambda: running.ask("/stats")[1]["open"] > 1)
    assert running.stop() == 0
    end(asking)
    assert answers == [200 if drain_s else "broken off"]


def test_it_gives_up_draining_after_its_time(site: Any) -> None:
    running = site.start("api", drain_s=0.1).ready()
    asking = begin(lambda: _ask_in_vain(running))
    running.wait(lambda: running.ask("/stats")[1]["open"] > 1)
    assert running.stop() == 0
    end(asking)
    assert "broken off" in running.log.read_text()


def _ask_in_vain(running: Any) -> None:
    with pytest.raises(OSError):  # noqa: PT011 - reset or closed, as the kernel decides
        running.ask("/v1/slow?s=60")
