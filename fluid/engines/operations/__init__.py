"""Data operations that engines carry out: what their workloads have in common."""
