"""Wait for pods of a cluster as long as they can become ready without intervention."""

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

from cluster.access import Cluster, KubectlError

_SECONDS = 180
_HOPELESS = ("ErrImageNeverPull", "ImagePullBackOff", "InvalidImageName")
"""Reasons of waiting containers that need intervention. ErrImagePull can be temporary, so it is not here."""
_NEXT = (
    "Next: `make demo-images` writes the images and says how to load them into the cluster;"
    " or IMAGES=REGISTRY/PREFIX says where the cluster can pull them from"
)


class TroubleError(KubectlError):
    """Pods do not become ready; the message says which, why, and what to do."""


def rolled_out(cluster: Cluster, namespace: str, workload: str, *, seconds: float = _SECONDS) -> None:
    """Wait until a workload runs.

    Raises:
        TroubleError: it does not in time, or cannot.
    """
    _until(cluster, namespace, ("rollout", "status", workload), seconds)


def ready(cluster: Cluster, namespace: str, *names: str, seconds: float = _SECONDS) -> None:
    """Wait until pods are ready.

    Raises:
        TroubleError: they are not in time, or cannot be.
    """
    _until(cluster, namespace, ("wait", "--for=condition=Ready", *(f"pod/{name}" for name in names)), seconds)


def hopeless(pods: str) -> list[str]:
    """The containers in a list of pods (JSON) whose image the node cannot get, with the node's message."""
    found: list[str] = []
    for pod in json.loads(pods)["items"]:
        for container in _containers(pod):
            waits: Mapping[str, Any] = container.get("state", {}).get("waiting") or {}
            if waits.get("reason") in _HOPELESS:
                node, image = pod["spec"].get("nodeName", "?"), container["image"]
                found.append(
                    f"node {node} cannot get the image {image} (pod {pod['metadata']['name']}):"
                    f" {waits.get('message') or waits['reason']}"
                )
    return found


def check(cluster: Cluster, namespace: str) -> None:
    """Raise TroubleError if a pod of the namespace waits for an image that the node cannot get."""
    if found := hopeless(cluster.kubectl("-n", namespace, "get", "pods", "-o", "json")):
        raise TroubleError("\n".join([*found, _NEXT]))


def _containers(pod: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    status = pod.get("status", {})
    yield from status.get("initContainerStatuses", ())
    yield from status.get("containerStatuses", ())


def _until(cluster: Cluster, namespace: str, asked: tuple[str, ...], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while (done := cluster.try_kubectl("-n", namespace, *asked, "--timeout=2s")).returncode != 0:
        check(cluster, namespace)
        if time.monotonic() > deadline:
            pods = cluster.try_kubectl("-n", namespace, "get", "pods", "-o", "wide").stdout
            raise TroubleError(
                f"not in {seconds:.0f} s: {' '.join(asked)}: {done.stderr.strip()}\n{pods}"
                f"Next: kubectl --namespace {namespace} describe pods"
            )
