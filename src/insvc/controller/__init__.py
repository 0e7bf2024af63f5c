"""The cloud's side: lease, journal, runs in progress."""
