"""HelloRuntime (generated from schemas/helloruntime.yaml; do not edit)."""

# pyright: reportIncompatibleVariableOverride=false

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from fluid.models import RuntimeStatus
from fluid.types import KubeModel, KubeObject, ObjectMeta, Quantity, Resource, Update


class HelloFuseSpec(KubeModel):
    """Settings of the FUSE clients."""

    clean_policy: Literal["OnRuntimeDeleted", "OnDemand", "OnFuseChanged"] | None = None
    """When an idle FUSE pod is removed: `OnRuntimeDeleted`, `OnDemand` (as soon as no pod of the node uses
    it) or `OnFuseChanged`. Default `OnRuntimeDeleted`.
    """


class HelloRuntimeSpec(KubeModel):
    """Workers and FUSE clients of a HelloRuntime."""

    image: Annotated[str, Field(min_length=1)] = "rclone/rclone:1.68"
    """Image with rclone, fusermount3, sh and grep, for workers and clients."""

    replicas: Annotated[int, Field(ge=0)] = 1
    """Number of workers. Each has a whole cache of its own."""

    cache_size: Quantity | None = None
    """What a worker keeps at most, on the disk of its node. Default 10Gi."""

    fuse: HelloFuseSpec | None = None
    """The FUSE clients, which mount the Dataset on the nodes that use it."""


class HelloRuntime(KubeObject):
    """rclone as a cache of the Dataset with the same name, in workers and FUSE clients."""

    resource: ClassVar[Resource] = Resource(
        "data.fluid.io", "v1alpha1", "HelloRuntime", "helloruntimes", namespaced=True
    )
    updates: ClassVar[Mapping[str, Update]] = {
        "spec": "on-restart",
        "spec.replicas": "hot",
        "spec.fuse": "on-fuse-restart",
        "spec.fuse.cleanPolicy": "hot",
    }

    api_version: Literal["data.fluid.io/v1alpha1"] = "data.fluid.io/v1alpha1"
    """Version of the schema."""

    kind: Literal["HelloRuntime"] = "HelloRuntime"
    """Name of the kind."""

    metadata: ObjectMeta
    """Name, namespace, labels, annotations and the like."""

    spec: HelloRuntimeSpec = Field(default_factory=HelloRuntimeSpec)
    """What is wanted."""

    status: RuntimeStatus | None = None
    """What is known."""
