import json
from typing import Any

import pytest

from tests.fakes.threads import begin, end

pytestmark = pytest.mark.integration


def backends(site: Any) -> None:
    rows = {"volume": {"service": "cinder-api", "port": 7100}}
    site.write("etc/haproxy/backends.json", json.dumps(rows))


def test_it_forwards_by_prefix_and_says_to_whom(site: Any) -> None:
    backends(site)
    site.start("api", port=7100).ready()
    front = site.start("haproxy").ready()
    status, answer = front.ask("/volume/v1/items?x=1")
    assert status == 200
    assert answer["path"] == "/v1/items"
    assert front.ask_with("/volume/v1/items", "GET")[1]["x-backend"] == "cinder-api"
    assert front.ask("/stats")[1]["forwarded"] == 2
    assert front.ask("/unknown/v1/items")[0] == 404


def test_a_backend_that_is_down_is_named(site: Any) -> None:
    backends(site)
    front = site.start("haproxy").ready()
    status, answer = front.ask("/volume/v1/items")
    assert status == 503
    assert "cinder-api" in answer["fault"]


def test_a_backend_that_breaks_off_is_named(site: Any) -> None:
    backends(site)
    backend = site.start("api", port=7100).ready()
    front = site.start("haproxy").ready()
    answers: list[Any] = []
    asking = begin(lambda: answers.append(front.ask("/volume/v1/slow?s=60")))
    backend.wait(lambda: backend.ask("/stats")[1]["open"] > 1)
    backend.stop()
    end(asking)
    assert answers[0][0] == 502


def test_its_end_breaks_what_it_forwards_and_refuses_what_comes(site: Any) -> None:
    backends(site)
    backend = site.start("api", port=7100).ready()
    front = site.start("haproxy").ready()
    faults: list[OSError] = []

    def client() -> None:
        try:
            front.ask("/volume/v1/slow?s=60")
        except OSError as fault:
            faults.append(fault)

    asking = begin(client)
    backend.wait(lambda: backend.ask("/stats")[1]["open"] > 1)
    assert front.stop() == 0
    end(asking)
    assert len(faults) == 1
    with pytest.raises(ConnectionRefusedError):
        front.ask("/volume/v1/items")
