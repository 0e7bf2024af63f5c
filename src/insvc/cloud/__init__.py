"""The embedded cloud: five hosts of stand-ins on one machine, from real packages."""
