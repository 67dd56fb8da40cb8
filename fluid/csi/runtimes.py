"""The fields of Datasets and runtimes that the plugin reads; no other field can make it fail."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import ClassVar

from pydantic import Field

from fluid.kinds.installed import installed
from fluid.models import ObjectMeta
from fluid.naming import GROUP, VERSION
from fluid.types import KubeModel, KubeObject, Resource

OTHERS: Mapping[str, str] = MappingProxyType(
    {
        "cache": "CacheRuntime",
        "efc": "EFCRuntime",
        "goosefs": "GooseFSRuntime",
        "vineyard": "VineyardRuntime",
    }
)
"""Kinds that other operators in the cluster may serve, by the type of runtime in the status of a Dataset."""


class FuseSettings(KubeModel):
    """`spec.fuse`."""

    clean_policy: str | None = None


class RuntimeSpec(KubeModel):
    """`spec` of a runtime or of a profile. A CacheRuntime has `client` in place of `fuse`."""

    fuse: FuseSettings | None = None
    client: FuseSettings | None = None
    profile_name: str | None = None


class AnyRuntime(KubeObject):
    """A runtime or a runtime profile, of any kind."""

    api_version: str = f"{GROUP}/{VERSION}"
    kind: str = ""
    metadata: ObjectMeta = Field(default_factory=ObjectMeta)
    spec: RuntimeSpec = Field(default_factory=RuntimeSpec)
    resource: ClassVar[Resource] = Resource(GROUP, VERSION, "", "")

    @property
    def clean_policy(self) -> str:
        """Its clean policy; empty if it has none."""
        fuse = self.spec.client if self.resource.kind == OTHERS["cache"] else self.spec.fuse
        return (fuse.clean_policy if fuse else None) or ""


class BoundRuntime(KubeModel):
    """One entry of `status.runtimes` of a Dataset."""

    name: str = ""
    namespace: str = ""
    type: str = ""


class Condition(KubeModel):
    """One condition of a Dataset."""

    type: str = ""
    message: str = ""


class DatasetStatus(KubeModel):
    """`status` of a Dataset."""

    conditions: list[Condition] | None = None
    runtimes: list[BoundRuntime] | None = None
    failing_fuse_nodes: list[str] | None = None
    dataset_ref: list[str] | None = None


class NamedDataset(KubeObject):
    """A Dataset: its identity, conditions and runtimes."""

    api_version: str = f"{GROUP}/{VERSION}"
    kind: str = "Dataset"
    metadata: ObjectMeta = Field(default_factory=ObjectMeta)
    status: DatasetStatus = Field(default_factory=DatasetStatus)
    resource: ClassVar[Resource] = Resource(GROUP, VERSION, "Dataset", "datasets")


@cache
def runtime_kind(runtime_type: str) -> type[AnyRuntime] | None:
    """The kind of a type in the status of a Dataset; None for an unknown type."""
    if (found := installed().of_type(runtime_type)) is not None:
        return _only_read(found.model.resource)
    kind = OTHERS.get(runtime_type)
    return _only_read(Resource(GROUP, VERSION, kind, f"{kind.lower()}s")) if kind else None


@cache
def profile_kind(runtime_type: str) -> type[AnyRuntime] | None:
    """The kind of profiles that runtimes of this type have; None if they have none."""
    found = installed().of_type(runtime_type)
    return _only_read(found.profile.resource) if found is not None and found.profile is not None else None


def _only_read(of: Resource) -> type[AnyRuntime]:
    class One(AnyRuntime):
        resource: ClassVar[Resource] = of

    return One
