"""Real Linux hosts with a real systemd on one machine, as root: see lab/README.md."""
