"""The whole job in one command: a cloud, a patch, a plan, a run under load, a report."""
