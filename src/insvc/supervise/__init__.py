"""PMON, SM and cron as state tables: (state, event) in, state and actions out."""
