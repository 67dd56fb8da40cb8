"""Measurements on a real node: kills, many pods, throughput."""
