"""Parse, call the flow, render; no decisions."""
