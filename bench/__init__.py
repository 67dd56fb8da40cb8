"""How fast and how thrifty the operator is, measured on a control plane of its own (docs/benchmarks.md)."""
