"""Data operations: what is particular to each kind, and the pure parts that all kinds share."""
