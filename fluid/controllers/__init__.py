"""Reconcilers: Dataset, Runtime (one, generic over kinds), Operation (one, generic), nodes."""
