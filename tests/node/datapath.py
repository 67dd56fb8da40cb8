"""What tests of the data path share: a Dataset of an example, its FUSE client, what is left of it."""

import signal
from typing import Any

import yaml

from cluster.node import Node, datapath
from tests.node.support import Json, until

_FIND = """
import pathlib
for one in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
    if one.read_bytes().startswith((b"rclone\\0mount", b"s3fs\\0")):
        print(one.parent.name)
"""
_SIGNAL = _FIND.replace("print(one.parent.name)", "__import__('os').kill(int(one.parent.name), {number})")


def bound(node: Node, namespace: str, example: str, file: str = "dataset.yaml") -> str:
    """Apply an example's Dataset; its name, once it is Bound."""
    name = create(node, namespace, f"{example}/{file}")
    await_bound(node, namespace, name)
    return name


def create(node: Node, namespace: str, example: str, **spec: list[Any]) -> str:
    """Apply a Dataset of the examples and its runtime, with other values in the Dataset's spec; its name."""
    dataset, runtime = yaml.safe_load_all(datapath.example(namespace, example))
    dataset["spec"].update(spec)
    apply(node, namespace, dataset, runtime)
    return dataset["metadata"]["name"]


def apply(node: Node, namespace: str, *objects: Json) -> None:
    """Apply objects."""
    node.kubectl("-n", namespace, "apply", "--filename", "-", stdin=yaml.safe_dump_all(objects))


def await_bound(node: Node, namespace: str, *names: str) -> None:
    """Wait until Datasets are Bound."""
    for name in names:
        until(
            lambda name=name: phase(node, namespace, name) == "Bound",
            f"Dataset {name} is Bound",
            seen=lambda name=name: field(node, namespace, f"dataset/{name}", "{.status}"),
        )


def field(node: Node, namespace: str, about: str, path: str) -> str:
    """A part of an object, as JSONPath; empty if it is not there."""
    return node.try_kubectl("-n", namespace, "get", about, "-o", f"jsonpath={path}").stdout


def secret_keys(node: Node, namespace: str, secret: str) -> None:
    """The Secret of the examples, with this secret key."""
    keys = {**datapath.KEYS, "secret": secret}
    made = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s3-keys"}, "stringData": keys}
    apply(node, namespace, made)


def phase(node: Node, namespace: str, name: str) -> str:
    """The phase of a Dataset."""
    return field(node, namespace, f"dataset/{name}", "{.status.phase}")


def deleted(node: Node, namespace: str, name: str) -> None:
    """Delete a Dataset; nothing is left of it."""
    node.kubectl("-n", namespace, "delete", "dataset", name, "--timeout=60s")
    gone(node, namespace, name)


def gone(node: Node, namespace: str, name: str) -> None:
    """Wait until nothing is left of a Dataset that is being deleted."""
    until(
        lambda: not left(node, namespace, name),
        f"nothing is left of Dataset {name}",
        seconds=20,
        seen=lambda: left(node, namespace, name),
    )


def left(node: Node, namespace: str, name: str) -> list[str]:
    """What is still there of a Dataset: objects, and mounts of the node."""
    objects = node.kubectl("get", "pv", "-o", "name")
    objects += node.kubectl("-n", namespace, "get", "pvc,daemonsets,thinruntimes", "-o", "name")
    mounts = node.exec("cat", "/proc/self/mountinfo").stdout.splitlines()
    return [one for one in objects.split() if name in one] + [
        one for one in mounts if f"/{namespace}/{name}/" in one
    ]


def client(node: Node, namespace: str, name: str) -> str:
    """The process id of a Dataset's FUSE client; empty while there is none."""
    return _in_client(node, namespace, name, _FIND)


def kill_client(node: Node, namespace: str, name: str) -> None:
    """End a Dataset's FUSE client by SIGKILL."""
    client_signal(node, namespace, name, "KILL")


def client_signal(node: Node, namespace: str, name: str, word: str) -> None:
    """Send a Dataset's FUSE client a signal, such as STOP."""
    number = signal.Signals[f"SIG{word}"].value
    _in_client(node, namespace, name, _SIGNAL.format(number=number))


def _in_client(node: Node, namespace: str, name: str, program: str) -> str:
    where = ("-n", namespace, "exec", f"ds/{name}-fuse", "--", "python3", "-c", program)
    return node.try_kubectl(*where).stdout.strip()


def checksum(node: Node, namespace: str, pod: str, file: str) -> str:
    """The SHA-256 of a file, as a pod sees it."""
    container = "shell" if pod == "s3" else "main"
    return node.kubectl("-n", namespace, "exec", pod, "-c", container, "--", "sha256sum", file).split()[0]


def events(node: Node, namespace: str) -> list[str]:
    """The reasons of all events in a namespace."""
    return node.kubectl("-n", namespace, "get", "events", "-o", "jsonpath={.items[*].reason}").split()
