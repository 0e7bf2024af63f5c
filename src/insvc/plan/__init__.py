"""Observation, catalog, topology and policy in; an ordered plan with reasons out."""
