"""A run as a state machine: apply a record, decide the next actions."""
