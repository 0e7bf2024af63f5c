"""Entries: what is known of each process that a patch can make stale."""
