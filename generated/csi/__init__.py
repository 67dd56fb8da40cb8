"""Messages of CSI and of the kubelet's plugin registration (generated from schemas/csi; do not edit)."""
