"""The nouns: hosts, services, instances, processes, observations, acts."""
