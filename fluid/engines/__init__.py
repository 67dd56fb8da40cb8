"""Engines: what each cache system needs, decided in pure steps over a snapshot of the cluster."""
