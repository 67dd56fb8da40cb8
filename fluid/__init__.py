"""Fluid for Python: Datasets, cache Runtimes and data operations on Kubernetes."""

__version__ = "0.1.0"
