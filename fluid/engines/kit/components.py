"""Values of a cache and of its components, such as master, worker and FUSE client: what templates read.

An engine derives its values from `CacheValues` and, where users describe components, from `Component`. It
adds what only its own chart reads, and fills them with `cache_values`, `pod_values` and `container_values`:

    HelloValues(**cache_values(dataset, identity, settings, "hello"), image=spec.image)
    Worker(**pod_values(spec, metadata), env=spec.env or {}, replica_count=3)
"""

from typing import ClassVar, Literal, Protocol, TypedDict

from pydantic import Field, JsonValue, SerializerFunctionWrapHandler, model_serializer

from fluid.charts import ChartValues
from fluid.engines.core.errors import InvalidSpec, Whose
from fluid.engines.core.settings import Settings
from fluid.engines.kit.pods import Metadata, placement, worker_affinity
from fluid.models import (
    Affinity,
    ContainerPort,
    Dataset,
    Lifecycle,
    LocalObjectReference,
    Probe,
    ResourceRequirements,
    SecurityContext,
    Toleration,
    Volume,
    VolumeMount,
)
from fluid.naming import Identity
from fluid.types import Quantity


class RuntimeIdentity(ChartValues):
    """Namespace and name of the runtime."""

    namespace: str = "default"
    name: str


class CacheValues(ChartValues):
    """Values that all caches have; the values ConfigMap has them before those of the engine."""

    first: ClassVar[str] = ""
    """Values that are written before all others, by blanks: tools read the first lines of the ConfigMap."""
    unread: ClassVar[str] = ""
    """Values that the chart does not read, by blanks; they are left out."""

    runtime_identity: RuntimeIdentity = RuntimeIdentity(name="cache")
    owner_dataset_id: str = "default-cache"
    """Value of the label fluid.io/dataset-id, which the library's labels have."""
    placement: Literal["Exclusive", "Shared"] = "Exclusive"
    """Whether workers of other Datasets may be on the same node."""
    mounts_revision: str = "none"
    """Changes when the Dataset's mounts change what pods read at their start."""
    image_pull_secrets: list[LocalObjectReference] = Field(default_factory=list[LocalObjectReference])
    """Secrets for pulling images."""
    worker_affinity: Affinity | None = None
    """Apart from other Datasets, near this one's FUSE pods, where the Dataset allows."""
    fuse_label: str = "fluid.io/f-default-cache"
    """Label of the nodes that get a FUSE pod, with the value "true"."""
    host_path: str = "/cache/default/cache"
    """Directory of the node that the FUSE mount appears in."""
    critical_fuse_pod: bool = False
    """Whether FUSE pods have the priority system-node-critical."""

    @model_serializer(mode="wrap")
    def _as_written(self, handler: SerializerFunctionWrapHandler) -> dict[str, JsonValue]:
        found: dict[str, JsonValue] = handler(self)
        ordered = {**{name: found[name] for name in self.first.split()}, **found}
        return {name: value for name, value in ordered.items() if name not in self.unread.split()}


OF_COMPONENTS = "workerAffinity fuseLabel hostPath criticalFusePod"
"""The values of a cache that a chart with a `Component` for workers and FUSE pods reads there."""


class Component(ChartValues):
    """Values of one component: of its workload, its pods and their main container.

    The environment is declared by the engine, as its kind has it: by name, or as in a container.
    """

    written: ClassVar[str] = ""
    """The values that the chart reads, in the order in which they are written, by blanks; empty for all.

    The order of an existing chart stays: the values are in a ConfigMap, which another order would change.
    """

    labels: dict[str, str] = Field(default_factory=dict[str, str])
    annotations: dict[str, str] = Field(default_factory=dict[str, str])
    replica_count: int = 0
    image: str = ""
    """Image with its tag."""
    image_pull_policy: str = "IfNotPresent"
    image_pull_secrets: list[LocalObjectReference] = Field(default_factory=list[LocalObjectReference])
    """Instead of the cache's own list."""
    command: list[str] = Field(default_factory=list[str])
    args: list[str] = Field(default_factory=list[str])
    ports: list[ContainerPort] = Field(default_factory=list[ContainerPort])
    resources: ResourceRequirements | None = None
    node_selector: dict[str, str] = Field(default_factory=dict[str, str])
    tolerations: list[Toleration] = Field(default_factory=list[Toleration])
    affinity: Affinity | None = None
    host_network: bool = True
    host_pid: bool = False
    critical_pod: bool = False
    """Whether pods have the priority `system-node-critical`."""
    security_context: SecurityContext | None = None
    volumes: list[Volume] = Field(default_factory=list[Volume])
    volume_mounts: list[VolumeMount] = Field(default_factory=list[VolumeMount])
    liveness_probe: Probe | None = None
    readiness_probe: Probe | None = None
    lifecycle: Lifecycle | None = None

    @model_serializer(mode="wrap")
    def _as_written(self, handler: SerializerFunctionWrapHandler) -> dict[str, JsonValue]:
        found: dict[str, JsonValue] = handler(self)
        return {name: found[name] for name in self.written.split() or found if name in found}


class WithVariables(Component):
    """Values of a component whose environment users give by name."""

    env: dict[str, str] = Field(default_factory=dict[str, str])


class OfCache(TypedDict):
    """Values that all caches have."""

    runtime_identity: RuntimeIdentity
    owner_dataset_id: str
    placement: Literal["Exclusive", "Shared"]
    mounts_revision: str
    image_pull_secrets: list[LocalObjectReference]
    worker_affinity: Affinity
    fuse_label: str
    host_path: str
    critical_fuse_pod: bool


class OfPods(TypedDict):
    """Values that the pods of all components have."""

    labels: dict[str, str]
    annotations: dict[str, str]
    node_selector: dict[str, str]
    image_pull_secrets: list[LocalObjectReference]
    resources: ResourceRequirements | None


class OfContainer(TypedDict):
    """Values of a container that the user describes."""

    image_pull_policy: str
    ports: list[ContainerPort]
    host_network: bool
    liveness_probe: Probe | None
    readiness_probe: Probe | None


class PodsSpec(Protocol):
    """What a user says of the pods of a component, of whatever kind of runtime."""

    @property
    def node_selector(self) -> dict[str, str] | None: ...  # noqa: D102 - as in the spec
    @property
    def image_pull_secrets(self) -> list[LocalObjectReference] | None: ...  # noqa: D102
    @property
    def resources(self) -> ResourceRequirements | None: ...  # noqa: D102


class ContainerSpec(Protocol):
    """What a user says of a container of his own."""

    @property
    def image_pull_policy(self) -> str | None: ...  # noqa: D102 - as in the spec
    @property
    def ports(self) -> list[ContainerPort] | None: ...  # noqa: D102
    @property
    def network_mode(self) -> str | None: ...  # noqa: D102
    @property
    def liveness_probe(self) -> Probe | None: ...  # noqa: D102
    @property
    def readiness_probe(self) -> Probe | None: ...  # noqa: D102


def cache_values(
    dataset: Dataset,
    identity: Identity,
    settings: Settings,
    runtime_type: str,
    *,
    pull_secrets: list[LocalObjectReference] | None = None,
    revision: str = "none",
) -> OfCache:
    """Values that all caches have.

    Args:
        dataset: The Dataset.
        identity: Names and labels of the Dataset, which are the runtime's too.
        settings: What the administrator set, such as pull secrets for runtimes that name none.
        runtime_type: The engine's `runtime_type`, which is its directory on the nodes.
        pull_secrets: What the runtime names.
        revision: Hash of what pods read of the mounts when they start.
    """
    return {
        "runtime_identity": RuntimeIdentity(namespace=identity.namespace, name=identity.name),
        "owner_dataset_id": identity.dataset_id,
        "placement": placement(dataset),
        "mounts_revision": revision,
        "image_pull_secrets": pull_secrets or settings.pull_secrets,
        "worker_affinity": worker_affinity(dataset, identity),
        "fuse_label": identity.fuse_label,
        "host_path": settings.host_path(runtime_type, identity.namespace, identity.name),
        "critical_fuse_pod": settings.critical_fuse_pod,
    }


def pod_values(
    spec: PodsSpec,
    metadata: Metadata,
    *,
    fuse_label: str = "",
    memory: Quantity | None = None,
    component: str = "",
) -> OfPods:
    """What a user says of the pods of a component.

    Args:
        spec: The component's part of the spec, which stays as it is.
        metadata: Labels and annotations, those of the runtime included.
        fuse_label: Label of the nodes that get a FUSE pod; empty for other components.
        memory: Memory of a cache in RAM, which is requested at least; None for none.
        component: Name of the component in the spec, for messages about its memory.

    Raises:
        InvalidSpec: The memory limit is below what the cache takes.
    """
    own = spec.node_selector or {}
    return {
        "labels": metadata.labels,
        "annotations": metadata.annotations,
        "node_selector": {**own, fuse_label: "true"} if fuse_label else own,
        "image_pull_secrets": spec.image_pull_secrets or [],
        "resources": spec.resources if memory is None else _with_memory(spec.resources, memory, component),
    }


def container_values(spec: ContainerSpec) -> OfContainer:
    """What a user says of a container of his own; pods are on the host network unless he says otherwise."""
    return {
        "image_pull_policy": spec.image_pull_policy or "IfNotPresent",
        "ports": spec.ports or [],
        "host_network": spec.network_mode != "ContainerNetwork",
        "liveness_probe": spec.liveness_probe,
        "readiness_probe": spec.readiness_probe,
    }


def _with_memory(
    wanted: ResourceRequirements | None, least: Quantity, component: str
) -> ResourceRequirements:
    wanted = wanted or ResourceRequirements()
    limit, requested = (wanted.limits or {}).get("memory"), (wanted.requests or {}).get("memory")
    if limit is not None and limit and limit < least:
        raise InvalidSpec(
            Whose.RUNTIME,
            f"spec.{component}.resources.limits[memory]",
            f"{limit} is less than the {least} that the cache takes",
            "Raise the limit",
        )
    if requested is not None and requested >= least:
        return wanted
    return wanted.model_copy(update={"requests": {**(wanted.requests or {}), "memory": least}})
