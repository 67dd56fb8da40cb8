"""Whether an API server would take some objects: it is asked by dry runs, and stores nothing."""

import shutil
import subprocess
from collections.abc import Sequence

from pydantic import JsonValue

from fluid.types import JsonObject, KubeObject
from fluid.types.yaml import dump_yaml

_TIMEOUT = 60.0
"""Seconds until a cluster that does not answer is given up."""
NAMESPACE = "default"
"""Namespace of every dry run: that of the example may not be there."""


def asked(objects: Sequence[KubeObject], kubeconfig: str) -> str | None:
    """What the API server says against some objects, or None.

    Args:
        objects: The objects.
        kubeconfig: Path of a kubeconfig.
    """
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        return "there is no kubectl on PATH to ask with; install one"
    command = [kubectl, "--kubeconfig", kubeconfig, "apply", "--server-side", "--dry-run=server"]
    done = subprocess.run(
        [*command, "--field-manager=fluid-conformance", "-f", "-"],
        input=dump_yaml(*(_anywhere(one) for one in objects)),
        capture_output=True,
        text=True,
        timeout=_TIMEOUT,
        check=False,
    )
    return f"the API server refuses: {done.stderr.strip()[-2000:]}" if done.returncode else None


def _anywhere(item: KubeObject) -> JsonObject:
    """An object without its owner, which is not there, in a namespace that is."""
    wire = item.to_wire()
    metadata: JsonValue = wire.get("metadata")
    assert isinstance(metadata, dict), "every object has metadata"
    kept = {key: value for key, value in metadata.items() if key not in ("ownerReferences", "uid")}
    return {**wire, "metadata": {**kept, **({"namespace": NAMESPACE} if item.namespace else {})}}
