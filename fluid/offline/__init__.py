"""Rendering without a cluster."""
