"""The labelled corpus: processes whose staleness is known, made for real on one lab host."""
