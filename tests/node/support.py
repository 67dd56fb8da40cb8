"""What the tests on a real node share."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from cluster.node import Node, images, needs
from cluster.node.datapath import ready

Json = dict[str, Any]
_HERE = Path(__file__).parent


def require_node() -> None:
    """Skip with what this machine lacks; fail with it in CI, where a skip would hide that nothing ran."""
    if missing := needs():
        reason = f"no node can run here: {'; '.join(missing)}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)


def apply(node: Node, namespace: str, file: str) -> None:
    """Apply a file of the folder `objects`; `NAMESPACE` in it is the namespace, `TOOLS` the tools image."""
    text = (_HERE / "objects" / file).read_text()
    text = text.replace("NAMESPACE", namespace).replace("TOOLS", images.TOOLS)
    node.kubectl("apply", "--namespace", namespace, "--filename", "-", stdin=text)


def run_pod(node: Node, namespace: str, name: str = "one") -> None:
    """A pod of the tools image that sleeps, as soon as it is ready."""
    container = {"name": "main", "image": images.TOOLS, "command": ["sleep", "3600"]}
    spec = {"terminationGracePeriodSeconds": 1, "containers": [container]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}
    node.kubectl("apply", "--namespace", namespace, "--filename", "-", stdin=yaml.safe_dump(pod))
    ready(node, namespace, name)


def inside(node: Node, namespace: str, pod: str, *command: str) -> str:
    """What a command prints in a pod."""
    return node.kubectl("exec", "--namespace", namespace, pod, "--", *command).strip()


def until(
    holds: Callable[[], object], what: str, *, seconds: float = 30, seen: Callable[[], object] | None = None
) -> None:
    """Poll until a condition holds; a failure shows what was `seen` instead."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            instead = f"; seen: {seen()}" if seen else ""
            pytest.fail(f"not in {seconds} s: {what}{instead}")
        time.sleep(0.05)
