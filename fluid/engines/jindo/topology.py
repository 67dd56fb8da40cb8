"""The shape of a runtime: how many masters, which network, which ports."""

from typing import Literal

from fluid.engines.core.errors import InvalidSpec, NamedObject
from fluid.engines.jindo.values import Ports
from fluid.models import JindoCompTemplateSpec, JindoRuntime
from fluid.naming import RPC_PROTOCOL

PortName = Literal["masterRpc", "workerRpc", "raft", "fuseMetrics"]
DEFAULT_PORTS = Ports(master_rpc=8101, worker_rpc=6101, raft=8103, fuse_metrics=10001)
"""Ports on the container network, where every pod has its own."""


def master(runtime: JindoRuntime) -> JindoCompTemplateSpec:
    """The master's part of the spec."""
    return runtime.spec.master or JindoCompTemplateSpec()


def worker(runtime: JindoRuntime) -> JindoCompTemplateSpec:
    """The workers' part of the spec."""
    return runtime.spec.worker or JindoCompTemplateSpec()


def masters(runtime: JindoRuntime) -> int:
    """Number of masters, had they not been disabled: three with consensus, else one."""
    return 3 if master(runtime).replicas == 3 else 1


def is_fuse_only(runtime: JindoRuntime) -> bool:
    """Whether there is no cache, only the FUSE client."""
    return bool(master(runtime).disabled and worker(runtime).disabled)


def on_host_network(runtime: JindoRuntime) -> bool:
    """Whether pods use their node's network."""
    return runtime.spec.networkmode != "ContainerNetwork"


def ports_needed(runtime: JindoRuntime) -> tuple[PortName, ...]:
    """The host ports that a runtime needs, in allocation order; none on the container network."""
    if not on_host_network(runtime):
        return ()
    return ("masterRpc", "workerRpc", *_optional_ports(runtime))


def _optional_ports(runtime: JindoRuntime) -> list[PortName]:
    metrics = runtime.spec.fuse.metrics if runtime.spec.fuse else None
    names: list[PortName] = ["raft"] if masters(runtime) == 3 else []
    return [*names, "fuseMetrics"] if metrics and metrics.enabled else names


def used_ports(runtime: JindoRuntime, allocated: Ports) -> Ports:
    """The ports that the pods listen on: allocated ones, or the container network's fixed ones.

    Raises:
        ValueError: A port that `ports_needed` names has not been allocated.
    """
    ports = allocated if on_host_network(runtime) else DEFAULT_PORTS
    optional = _optional_ports(runtime)
    if ("raft" in optional and not ports.raft) or ("fuseMetrics" in optional and not ports.fuse_metrics):
        raise ValueError(
            f"{runtime.key} is rendered before all of {', '.join(ports_needed(runtime))} are allocated"
        )
    return Ports(
        master_rpc=ports.master_rpc,
        worker_rpc=ports.worker_rpc,
        raft=ports.raft if "raft" in optional else None,
        fuse_metrics=ports.fuse_metrics if "fuseMetrics" in optional else None,
    )


def uses_rdma(runtime: JindoRuntime) -> bool:
    """Whether master, workers and clients talk by RDMA.

    Raises:
        InvalidSpec: The annotation names an unknown protocol.
    """
    protocol = (runtime.metadata.annotations or {}).get(RPC_PROTOCOL) or "tcp"
    if protocol not in {"tcp", "rdma"}:
        raise InvalidSpec(
            NamedObject("JindoRuntime"),
            f"metadata.annotations[{RPC_PROTOCOL}]",
            f"{protocol[:40]!r} is unknown",
            "Use tcp or rdma",
        )
    return protocol == "rdma"
