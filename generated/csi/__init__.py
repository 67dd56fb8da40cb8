"""Messages of CSI and of plugin registration (generated from schemas/csi; do not edit)."""
