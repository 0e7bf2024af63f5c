"""The host's side: observe, act, supervise, keep its own ledger."""
