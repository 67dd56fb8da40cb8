"""Histories of an engine without a cluster: what is simulated, who acts, and what must hold."""
