"""Short ways to write a ThinRuntime, its profile and its Dataset, and to look at what they become."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from pydantic import JsonValue

from fluid.engines.core.queries import ClaimVolume
from fluid.engines.core.render import Transformed, chart_objects
from fluid.engines.core.settings import Settings
from fluid.engines.kit.sources import Source, sources_as
from fluid.engines.thin.case import Case as ThinCase
from fluid.engines.thin.template import Template
from fluid.engines.thin.transform import ThinSettings, transform
from fluid.engines.thin.values import ThinValues
from fluid.models import (
    ConfigMap,
    Container,
    DaemonSet,
    Dataset,
    PodSpec,
    StatefulSet,
    ThinRuntime,
    ThinRuntimeProfile,
)
from fluid.naming import Identity
from fluid.types import KubeObject

Json = Mapping[str, JsonValue]
K = TypeVar("K", bound=KubeObject)
FUSE: Json = {"image": "reg/client", "imageTag": "v1"}


def secret_option(name: str, secret: str = "keys", key: str = "id") -> JsonValue:
    """An option whose value is in a Secret."""
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}


def s3(name: str = "one", **changes: JsonValue) -> JsonValue:
    """A mount."""
    return {"mountPoint": f"s3://{name}/", "name": name, **changes}


@dataclass
class Case:
    """One runtime with its Dataset; without a profile unless one is given."""

    runtime: Json = field(default_factory=dict[str, JsonValue])
    dataset: Json = field(default_factory=dict[str, JsonValue])
    profile: Json | None = None
    claims: Mapping[str, ClaimVolume] = field(default_factory=dict[str, ClaimVolume])
    annotations: dict[str, str] = field(default_factory=dict[str, str])
    profile_annotations: dict[str, str] = field(default_factory=dict[str, str])
    environment: dict[str, str] = field(default_factory=lambda: {"MOUNT_ROOT": "/runtime-mnt"})
    name: str = "images"
    namespace: str = "default"

    @cached_property
    def identity(self) -> Identity:
        return Identity.of(self.namespace, self.name, "uid-1")

    @cached_property
    def models(self) -> tuple[ThinRuntime, ThinRuntimeProfile | None, Dataset]:
        metadata: dict[str, JsonValue] = {"namespace": self.namespace, "name": self.name}
        noted: dict[str, JsonValue] = {**metadata, "annotations": dict(self.annotations)}
        spec = {"fuse": FUSE, **self.runtime} if self.profile is None else dict(self.runtime)
        runtime = ThinRuntime.model_validate({"metadata": noted, "spec": spec})
        dataset = Dataset.model_validate({"metadata": metadata, "spec": dict(self.dataset)})
        if self.profile is None:
            return runtime, None, dataset
        template = {"fileSystemType": "fuse.client", "fuse": FUSE, **self.profile}
        about = {"name": "client", "annotations": self.profile_annotations}
        profile = ThinRuntimeProfile.model_validate({"metadata": about, "spec": template})
        return runtime, profile, dataset

    @cached_property
    def transformed(self) -> Transformed[ThinValues]:
        runtime, profile, dataset = self.models
        settings, found = (
            Settings.from_environment(self.environment, [ThinSettings]),
            sources_as(Source, dataset),
        )
        template = Template(runtime, profile)
        return transform(ThinCase(template, dataset, self.identity, settings, found, self.claims))

    @property
    def values(self) -> ThinValues:
        return self.transformed.values

    @cached_property
    def objects(self) -> list[KubeObject]:
        return chart_objects("thin", "thin", self.values, self.identity, None, "ThinRuntime")

    def only(self, kind: type[K], name: str) -> K:
        [found] = [item for item in self.objects if isinstance(item, kind) and item.name == name]
        return found

    @property
    def fuse(self) -> DaemonSet:
        return self.only(DaemonSet, f"{self.name}-fuse")

    @property
    def worker(self) -> StatefulSet:
        return self.only(StatefulSet, f"{self.name}-worker")

    @property
    def config(self) -> dict[str, JsonValue]:
        return json.loads((self.only(ConfigMap, f"{self.name}-fuse-conf").data or {})["config.json"])


def pod(item: StatefulSet | DaemonSet) -> PodSpec:
    """The pod template's spec."""
    assert item.spec is not None
    assert item.spec.template.spec is not None
    return item.spec.template.spec


def container(item: StatefulSet | DaemonSet) -> Container:
    """The one container."""
    [found] = pod(item).containers
    return found


def env(item: StatefulSet | DaemonSet) -> dict[str, str | None]:
    """The container's environment."""
    return {variable.name: variable.value for variable in container(item).env or []}


def mounts(item: StatefulSet | DaemonSet) -> dict[str, str]:
    """Volume names by mount path."""
    return {mount.mount_path: mount.name for mount in container(item).volume_mounts or []}


def volumes(item: StatefulSet | DaemonSet) -> dict[str, JsonValue]:
    """The pod's volumes as they are sent, by name."""
    found: dict[str, JsonValue] = {}
    for volume in pod(item).volumes or []:
        wire = volume.to_wire()
        found[str(wire.pop("name"))] = wire
    return found
