"""How the kubelet and Prometheus reach a container that runs one of Fluid's processes."""

from pydantic import JsonValue

HEALTH, METRICS = 8081, 8080
"""Ports on which processes listen by default."""


def ports_and_probes() -> dict[str, JsonValue]:
    """Fields of the container: its ports, and the probes of `HealthServer` with their periods."""
    return {
        "ports": [
            {"name": "metrics", "containerPort": METRICS},
            {"name": "health", "containerPort": HEALTH},
        ],
        "livenessProbe": {"httpGet": {"path": "/healthz", "port": "health"}, "periodSeconds": 20},
        "readinessProbe": {
            "httpGet": {"path": "/readyz", "port": "health"},
            "initialDelaySeconds": 2,
            "periodSeconds": 5,
        },
    }
