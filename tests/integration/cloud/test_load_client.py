from collections.abc import Callable, Iterator

import pytest

from insvc.cloud.load_client import Client, Counter
from insvc.cloud.load_targets import LoadTarget
from insvc.standin.web import Reply, Request, Server

pytestmark = pytest.mark.integration

Serve = Callable[[Callable[[Request], Reply]], int]


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[Server] = []

    def start(answer: Callable[[Request], Reply]) -> int:
        servers.append(Server("127.0.0.1", 0, answer))
        return servers[-1].port

    yield start
    for server in servers:
        server.stop_accepting()


def closed_port() -> int:
    server = Server("127.0.0.1", 0, lambda _request: Reply(200))
    server.stop_accepting()
    return server.port


def ask(*ports: int, front: str | None = None, patience_s: float = 0.0) -> dict[str, list[int]]:
    """One request of a client; total and failed by service."""
    counter = Counter()
    places = tuple(("127.0.0.1", port) for port in ports)
    target = LoadTarget(service="thing", places=places, front=front, patience_s=patience_s)
    Client(target, counter).ask_once()
    return {one.service: [one.total, one.failed] for one in counter.requests().by_service}


def test_an_answer_counts_as_a_request(serve: Serve) -> None:
    assert ask(serve(lambda _request: Reply(200))) == {"thing": [1, 0]}


def test_a_fault_of_the_service_fails(serve: Serve) -> None:
    assert ask(serve(lambda _request: Reply(500))) == {"thing": [1, 1]}
    assert ask(closed_port()) == {"thing": [1, 1]}


def test_another_instance_is_asked_when_one_is_down(serve: Serve) -> None:
    assert ask(closed_port(), serve(lambda _request: Reply(200))) == {"thing": [1, 0]}


def test_the_front_is_to_blame_when_it_does_not_answer(serve: Serve) -> None:
    assert ask(closed_port(), front="haproxy") == {"haproxy": [1, 1]}
    assert ask(serve(lambda _request: Reply(503)), front="haproxy") == {"thing": [1, 1]}


def test_a_request_that_breaks_off_fails(serve: Serve) -> None:
    def break_off(_request: Request) -> Reply:
        raise ConnectionError

    assert ask(serve(break_off)) == {"thing": [1, 1]}


def test_a_patient_client_waits_for_an_instance_that_serves(serve: Serve) -> None:
    first, second = iter([503, 503]), iter([503, 200])
    ports = (
        serve(lambda _request: Reply(next(first))),
        serve(lambda _request: Reply(next(second))),
    )
    assert ask(*ports, patience_s=30.0) == {"thing": [1, 0]}


def test_a_lost_session_is_one_failure_and_a_new_login(serve: Serve) -> None:
    sessions = iter(["a", "b"])
    valid = {"a"}

    def answer(request: Request) -> Reply:
        if request.path == "/horizon/login":
            return Reply(200, {}, Set_Cookie=f"sessionid={next(sessions)}; HttpOnly")
        return Reply(200 if request.headers["cookie"].partition("=")[2] in valid else 401)

    counter = Counter()
    places = (("127.0.0.1", serve(answer)),)
    target = LoadTarget(service="horizon", places=places, path="/horizon/dashboard", logs_in=True)
    client = Client(target, counter)
    client.ask_once()
    client.ask_once()
    valid.clear()
    client.ask_once()
    valid.add("b")
    client.ask_once()
    client.ask_once()
    assert (counter.requests().total, counter.requests().failed) == (5, 1)


def test_late_answers_are_counted_as_delayed() -> None:
    counter = Counter()
    counter.count("a", 2.0, succeeded=True)
    counter.count("a", 3.0, succeeded=False)
    counter.count("b", 0.1, succeeded=True)
    found = counter.requests()
    assert (found.total, found.failed, found.delayed) == (3, 1, 1)
    assert found.by_service[0].longest_s == 3.0


def test_a_client_keeps_asking_until_its_process_ends(serve: Serve) -> None:
    class Ends(Counter):
        """Ends the thread with the third request."""

        def count(self, service: str, took_s: float, *, succeeded: bool) -> None:
            super().count(service, took_s, succeeded=succeeded)
            if self.requests().total == 3:
                raise SystemExit

    counter = Ends()
    port = serve(lambda _request: Reply(200))
    target = LoadTarget(service="t", places=(("127.0.0.1", port),), period_s=0.01)
    with pytest.raises(SystemExit):
        Client(target, counter).ask_for_ever()
    assert counter.requests().total == 3
