"""What a manager tells of its services."""

from insvc.catalog.account import Account


def test_a_manager_that_tells_nothing_has_hidden_nothing() -> None:
    told = Account()
    assert not any((told.rows, told.entries, told.unseen))
