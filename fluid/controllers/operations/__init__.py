"""Data operations: the pure parts that all kinds share, and what differs by kind."""
