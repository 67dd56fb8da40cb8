"""Short ways to write an AlluxioRuntime and its Dataset and to look at what they become."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from pydantic import JsonValue

from fluid.engines.alluxio.case import Case as AlluxioCase
from fluid.engines.alluxio.mounts import sources
from fluid.engines.alluxio.settings import AlluxioSettings
from fluid.engines.alluxio.transform import transform
from fluid.engines.alluxio.values import AlluxioValues
from fluid.engines.core.render import Transformed, chart_objects
from fluid.engines.core.settings import Settings
from fluid.models import AlluxioRuntime, ConfigMap, Container, DaemonSet, Dataset, PodSpec, StatefulSet
from fluid.naming import Identity
from fluid.types import KubeObject

Json = Mapping[str, JsonValue]
K = TypeVar("K", bound=KubeObject)
PORTS = {
    "masterRpc": 18000,
    "masterWeb": 18001,
    "workerRpc": 18002,
    "workerWeb": 18003,
    "jobMasterRpc": 18004,
    "jobMasterWeb": 18005,
    "jobWorkerRpc": 18006,
    "jobWorkerWeb": 18007,
    "jobWorkerData": 18008,
    "rest": 18009,
    "embedded": 18010,
    "jobEmbedded": 18011,
}


def secret_option(name: str, secret: str = "keys", key: str = "key") -> dict[str, JsonValue]:
    """A credential of a mount."""
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}


def s3(name: str = "data", **changes: JsonValue) -> dict[str, JsonValue]:
    """An S3 mount."""
    return {"mountPoint": "s3://bucket/dir", "name": name, **changes}


def levels(*found: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """The part of a spec with some tiers."""
    return {"tieredstore": {"levels": [*found]}}


def level(
    medium: str = "MEM", path: str = "/dev/shm", quota: str = "2Gi", **changes: JsonValue
) -> dict[str, JsonValue]:
    """A tier."""
    return {"mediumtype": medium, "path": path, "quota": quota, **changes}


@dataclass
class Case:
    """One runtime with its Dataset."""

    runtime: Json = field(default_factory=dict[str, JsonValue])
    dataset: Json = field(default_factory=dict[str, JsonValue])
    environment: dict[str, str] = field(default_factory=dict[str, str])
    hadoop_keys: frozenset[str] | None = None
    namespace: str = "spark"
    name: str = "demo"

    @cached_property
    def identity(self) -> Identity:
        return Identity.of(self.namespace, self.name, "uid-1")

    @cached_property
    def models(self) -> tuple[AlluxioRuntime, Dataset]:
        metadata: dict[str, JsonValue] = {"namespace": self.namespace, "name": self.name}
        runtime = AlluxioRuntime.model_validate(
            {"metadata": {**metadata, "uid": "u1"}, "spec": dict(self.runtime)}
        )
        dataset = Dataset.model_validate(
            {"metadata": {**metadata, "uid": "uid-1"}, "spec": dict(self.dataset)}
        )
        return runtime, dataset

    @cached_property
    def transformed(self) -> Transformed[AlluxioValues]:
        settings = Settings.from_environment(self.environment, [AlluxioSettings])
        runtime, dataset = self.models
        given = (runtime, dataset, self.identity, settings, PORTS)
        return transform(AlluxioCase.of(*given, sources(dataset), self.hadoop_keys))

    @property
    def values(self) -> AlluxioValues:
        return self.transformed.values

    @cached_property
    def objects(self) -> list[KubeObject]:
        return chart_objects("alluxio", "alluxio", self.values, self.identity, None, "AlluxioRuntime")

    @property
    def master(self) -> StatefulSet:
        return self.only(StatefulSet, f"{self.name}-master")

    @property
    def worker(self) -> StatefulSet:
        return self.only(StatefulSet, f"{self.name}-worker")

    @property
    def fuse(self) -> DaemonSet:
        return self.only(DaemonSet, f"{self.name}-fuse")

    def options(self, variable: str = "ALLUXIO_JAVA_OPTS") -> list[str]:
        text = (self.only(ConfigMap, f"{self.name}-config").data or {})[variable]
        return text.removesuffix(" ").split(" ")

    def properties(self, variable: str = "ALLUXIO_JAVA_OPTS") -> dict[str, str]:
        """The properties of a variable; of one key the last counts."""
        options = [one.removeprefix("-D") for one in self.options(variable) if one.startswith("-D")]
        return dict(one.split("=", 1) for one in options)

    def only(self, kind: type[K], name: str) -> K:
        [found] = [item for item in self.objects if isinstance(item, kind) and item.name == name]
        return found


def pod_spec(item: StatefulSet | DaemonSet) -> PodSpec:
    """The pod template's spec."""
    assert item.spec is not None
    assert item.spec.template.spec is not None
    return item.spec.template.spec


def container(item: StatefulSet | DaemonSet, name: str) -> Container:
    """A container by its name."""
    [found] = [one for one in pod_spec(item).containers if one.name == name]
    return found


def mounts(item: Container) -> dict[str, str]:
    """Volume names by mount path."""
    return {mount.mount_path: mount.name for mount in item.volume_mounts or []}
