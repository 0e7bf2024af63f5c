"""The commands by name: their arguments as ever, their answers as they should have been."""

from insvc.compat import questions, restarts, scripts, wishes
from insvc.compat.registry import COMMANDS as COMMANDS

MODULES = (restarts, questions, wishes, scripts)
"""Importing them makes the commands."""
