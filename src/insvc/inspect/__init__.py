"""Raw facts in, observation out: which processes run replaced code, and the evidence."""
