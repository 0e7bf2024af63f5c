from typing import Any

import pytest

from insvc.standin.web import Reply, Server

pytestmark = pytest.mark.integration

CODE = "from insvc.standin.metadata_proxy import main; main('proxy', 'thing', {library!r})"


def start(site: Any) -> Any:
    code = CODE.format(library="usr/lib/insvc/libthing.so")
    return site.start_code(code, "proxy", 7301, "--network", "net-a", "--port", "7301")


def test_it_answers_for_its_network(site: Any) -> None:
    proxy = start(site)
    proxy.wait(lambda: proxy.status("/metadata") == 200)
    assert proxy.ask("/metadata")[1]["network"] == "net-a"
    assert proxy.ask("/version")[1]["version"] == "2.3-4"
    assert (site.root / "run/ns-metadata-net-a.pid").read_text() == f"{proxy.process.pid}\n"
    assert proxy.stop() == 0


def test_it_waits_until_its_predecessor_lets_go_of_the_port(site: Any) -> None:
    predecessor = Server(site.address, 7301, lambda _request: Reply(503, {}))
    proxy = start(site)
    proxy.wait((site.root / "run/ns-metadata-net-a.pid").exists)
    predecessor.stop_accepting()
    proxy.wait(lambda: proxy.status("/metadata") == 200)


def test_it_can_be_stopped_while_it_waits(site: Any) -> None:
    predecessor = Server(site.address, 7301, lambda _request: Reply(503, {}))
    proxy = start(site)
    proxy.wait((site.root / "run/ns-metadata-net-a.pid").exists)
    assert proxy.stop() == 0
    predecessor.stop_accepting()
