"""One port each, thin: the machine's own words translated once."""
