"""Orders and accounts of a restart."""

from insvc.adapters.wire import from_json, to_json
from insvc.model.restart import Order, Restarted
from insvc.model.words import Action


def test_an_order_means_a_plain_restart_unless_it_says_otherwise() -> None:
    order = Order(service="haproxy")
    assert order.action is Action.RESTART
    assert not order.with_dependants


def test_an_account_survives_the_wire() -> None:
    told = Restarted(done=True, said="up", drained=True, times={"stopped": 1.0, "ready": 2.5})
    assert from_json(Restarted, to_json(told)) == told
