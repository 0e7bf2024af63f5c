"""insvc: restart exactly what a patch made stale, in a safe order, and prove it.

Read in this order: catalog, inspect, plan, execute, report. `flow.py` tells the story on one page,
`ports.py` lists what the core needs from the world.
"""

__version__ = "0.1.0"
