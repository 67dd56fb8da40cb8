"""The host ports that a runtime's live objects record, whoever made them."""

import json
import re
from collections.abc import Mapping, Sequence

from fluid.engines.jindo.topology import DEFAULT_PORTS
from fluid.models import ConfigMap, Container, DaemonSet, StatefulSet
from fluid.naming import ALLOCATED_PORTS
from fluid.types import KubeObject

_LINES = {"namespace.rpc.port": "masterRpc", "storage.rpc.port": "workerRpc"}
_LINE = re.compile(r"^\s*([\w.]+)\s*=\s*(\d+)\s*$", re.MULTILINE)
_CONTAINER_NETWORK = {"masterRpc": DEFAULT_PORTS.master_rpc, "workerRpc": DEFAULT_PORTS.worker_rpc}
_CONTAINER_PORTS = {
    ("jindofs-master", "rpc"): "masterRpc",
    ("jindofs-master", "raft"): "raft",
    ("jindofs-worker", "rpc"): "workerRpc",
    ("jindofs-fuse", "jindo-metrics"): "fuseMetrics",
}


def live_ports(children: Sequence[KubeObject]) -> Mapping[str, int]:
    """Host ports by purpose: what workloads listen on, over what the configuration says, over a note.

    On the container network the configuration says ports too, but they are no host ports.
    """
    if any(isinstance(child, StatefulSet | DaemonSet) and not _on_host(child) for child in children):
        return {}
    found: dict[str, int] = {}
    for child in children:
        if isinstance(child, ConfigMap):
            found = {**_noted(child), **_configured(child), **found}
    for child in children:
        if isinstance(child, StatefulSet | DaemonSet):
            found |= _listened(child)
    return found


def _noted(config: ConfigMap) -> dict[str, int]:
    text = (config.metadata.annotations or {}).get(ALLOCATED_PORTS)
    if not text:
        return {}
    try:
        noted: object = json.loads(text)
    except json.JSONDecodeError:
        return {}  # somebody edited it; the configuration itself still has the ports
    if not isinstance(noted, dict):
        return {}
    return {str(name): port for name, port in noted.items() if isinstance(port, int)}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - JSON of unknown make


def _configured(config: ConfigMap) -> dict[str, int]:
    text = (config.data or {}).get("jindocache.cfg", "")
    found = {_LINES[name]: int(port) for name, port in _LINE.findall(text) if name in _LINES}
    return {} if found == _CONTAINER_NETWORK else found


def _listened(workload: StatefulSet | DaemonSet) -> dict[str, int]:
    pod = workload.spec.template.spec if workload.spec else None
    return {
        purpose: port.container_port
        for container in (pod.containers if pod else ())
        for port in container.ports or ()
        if (purpose := _purpose(container, port.name)) is not None
    }


def _on_host(workload: StatefulSet | DaemonSet) -> bool:
    pod = workload.spec.template.spec if workload.spec else None
    return bool(pod and pod.host_network)


def _purpose(container: Container, port: str | None) -> str | None:
    return _CONTAINER_PORTS.get((container.name, port or ""))
