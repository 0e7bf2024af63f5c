"""The commands by name: their arguments as ever, their answers as they should have been."""

from insvc.compat import provisioning, questions, restarts, scripts, wishes
from insvc.compat.registry import COMMANDS as COMMANDS

MODULES = (restarts, questions, wishes, scripts, provisioning)
"""Importing them makes the commands."""
