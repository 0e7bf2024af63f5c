"""The engine is all that its hands need."""

from insvc.agent.engine import Engine
from insvc.agent.within import Within


def acts(kind: type) -> set[str]:
    return {name for name, one in vars(kind).items() if callable(one) and name[0] != "_"}


def test_an_engine_does_what_its_hands_ask_of_it() -> None:
    assert acts(Within) == {"feed", "hold", "later", "watch"}
    assert acts(Within) <= acts(Engine)
