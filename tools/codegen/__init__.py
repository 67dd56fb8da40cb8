"""What `codegen.py` does for this repository alone: Kubernetes' types, and messages of protocols."""
