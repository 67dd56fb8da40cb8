"""Typed models of every Fluid kind and of the Kubernetes types they use (generated)."""
