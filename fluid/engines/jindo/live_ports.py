"""The host ports that a runtime's live objects record, whoever made them.

Anybody in the namespace can write such objects. So what is read are the objects that our chart makes, by
their names, and of these the ports of known purposes that no privilege is needed for; the rest says nothing.
"""

import re
from collections.abc import Mapping, Sequence
from typing import get_args

from fluid.engines.jindo.topology import DEFAULT_PORTS, PortName
from fluid.engines.jindo.values import base_name
from fluid.models import ConfigMap, Container, DaemonSet, StatefulSet
from fluid.naming import ALLOCATED_PORTS
from fluid.types import Key, KubeObject
from fluid.types.untrusted import CONFIG_MAP, read_json

PORTS = range(1024, 65536)
"""What a host port can be."""
_PURPOSES: frozenset[str] = frozenset(get_args(PortName))
_LINES = {"namespace.rpc.port": "masterRpc", "storage.rpc.port": "workerRpc"}
_LINE = re.compile(
    r"^[ \t]*(namespace\.rpc\.port|storage\.rpc\.port)[ \t]*=[ \t]*([0-9]{1,5})[ \t\r]*$", re.MULTILINE
)
_CONTAINER_NETWORK = {"masterRpc": DEFAULT_PORTS.master_rpc, "workerRpc": DEFAULT_PORTS.worker_rpc}
_CONTAINER_PORTS = {
    ("jindofs-master", "rpc"): "masterRpc",
    ("jindofs-master", "raft"): "raft",
    ("jindofs-worker", "rpc"): "workerRpc",
    ("jindofs-fuse", "jindo-metrics"): "fuseMetrics",
}


def live_ports(runtime: Key, children: Sequence[KubeObject]) -> Mapping[str, int]:
    """Host ports by purpose: what workloads listen on, over what the configuration says, over a note.

    On the container network the configuration says ports too, but they are no host ports.

    Args:
        runtime: The runtime.
        children: Live objects that it controls, by their owner references.
    """
    ours = [child for child in children if _is_ours(runtime, child)]
    if any(isinstance(child, StatefulSet | DaemonSet) and not _on_host(child) for child in ours):
        return {}
    found: dict[str, int] = {}
    for child in ours:
        if isinstance(child, ConfigMap):
            found = {**_noted(child), **_configured(child), **found}
    for child in ours:
        if isinstance(child, StatefulSet | DaemonSet):
            found |= _listened(child)
    return {purpose: port for purpose, port in found.items() if port in PORTS}


def _is_ours(runtime: Key, child: KubeObject) -> bool:
    """Whether an object has one of the names that the chart gives."""
    base = base_name(runtime.name)
    match child:
        case ConfigMap():
            named = child.name == f"{base}-config"
        case StatefulSet():
            named = child.name in (f"{base}-master", f"{base}-worker")
        case DaemonSet():
            named = child.name == f"{base}-fuse"
        case _:
            named = False
    return named and child.namespace == runtime.namespace


def _noted(config: ConfigMap) -> dict[str, int]:
    """What an annotation says; if somebody has edited it, the configuration itself still has the ports."""
    noted = read_json((config.metadata.annotations or {}).get(ALLOCATED_PORTS) or "")
    if not isinstance(noted, dict):
        return {}
    return {
        name: port
        for name, port in noted.items()
        if name in _PURPOSES and isinstance(port, int) and not isinstance(port, bool) and port in PORTS
    }


def _configured(config: ConfigMap) -> dict[str, int]:
    text = (config.data or {}).get("jindocache.cfg", "")
    lines = _LINE.findall(text) if len(text) <= CONFIG_MAP else []
    found = {_LINES[name]: int(port) for name, port in lines}
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
