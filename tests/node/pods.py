"""Pods that use claims, as any application does: without a word about propagation."""

from dataclasses import dataclass
from subprocess import CompletedProcess

from cluster.node import Node, datapath, images
from tests.node.datapath import apply, field
from tests.node.support import Json

READ_ON = "while :; do cat /data/*/weights >/dev/null; sleep 0.2; done"
"""A shell script that reads for ever, whatever becomes of a read."""


@dataclass(frozen=True)
class Use:
    """A claim in a pod.

    Attributes:
        claim: Its name.
        path: Where it is mounted.
        sub_path: The part of it that is.
    """

    claim: str
    path: str = "/data"
    sub_path: str = ""


def start(
    node: Node, namespace: str, name: str, *uses: Use, script: str = "exec sleep 3600", user: int = 0
) -> None:
    """A pod with claims, whose processes are of some user, as soon as it is ready."""
    apply(node, namespace, made(name, *uses, script=script, user=user))
    datapath.ready(node, namespace, name)


def made(name: str, *uses: Use, script: str = "exec sleep 3600", user: int = 0) -> Json:
    """The same pod, to be applied."""
    container: Json = {
        "name": "main",
        "image": images.TOOLS,
        "command": ["sh", "-c", f"trap exit TERM; {script}"],
        "volumeMounts": [
            {"name": f"v{number}", "mountPath": use.path, "subPath": use.sub_path}
            for number, use in enumerate(uses)
        ],
    }
    volumes = [
        {"name": f"v{number}", "persistentVolumeClaim": {"claimName": use.claim}}
        for number, use in enumerate(uses)
    ]
    spec = {
        "terminationGracePeriodSeconds": 1,
        "securityContext": {"runAsUser": user, "runAsGroup": user},
        "containers": [container],
        "volumes": volumes,
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


def stop(node: Node, namespace: str, *names: str) -> None:
    """Delete pods, and wait until they are gone."""
    node.kubectl("-n", namespace, "delete", "pod", *names, "--timeout=30s")


def shell(node: Node, namespace: str, name: str, script: str) -> CompletedProcess[str]:
    """Run a script in a pod; the caller looks at the result."""
    return node.try_kubectl("-n", namespace, "exec", name, "-c", "main", "--", "sh", "-c", script)


def written(node: Node, namespace: str, name: str, file: str) -> str:
    """Try to write a file in a pod; what the shell complains of."""
    return shell(node, namespace, name, f"echo 1 > {file}").stderr


def life(node: Node, namespace: str, about: str) -> str:
    """Which pod it is, and how often its container was started again."""
    return field(node, namespace, about, "{.metadata.uid} {.status.containerStatuses[0].restartCount}")
