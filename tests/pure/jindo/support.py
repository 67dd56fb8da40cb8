"""Short ways to write a runtime and its Dataset and to look at what they become."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from pydantic import JsonValue

from fluid.engines.core.render import Transformed, chart_objects
from fluid.engines.core.settings import Settings
from fluid.engines.jindo.case import Case as JindoCase
from fluid.engines.jindo.mounts import Source
from fluid.engines.jindo.settings import JindoSettings
from fluid.engines.jindo.transform import transform
from fluid.engines.jindo.values import JindoValues
from fluid.engines.kit.sources import sources_as
from fluid.models import (
    ConfigMap,
    Container,
    DaemonSet,
    Dataset,
    JindoRuntime,
    OwnerReference,
    PodSpec,
    Service,
    StatefulSet,
)
from fluid.naming import Identity
from fluid.types import KubeObject

Json = Mapping[str, JsonValue]
K = TypeVar("K", bound=KubeObject)
PORTS = {"masterRpc": 18000, "workerRpc": 18001, "raft": 18002, "fuseMetrics": 18003}


def tier(**changes: JsonValue) -> dict[str, JsonValue]:
    """The `tieredstore` of a runtime with one level."""
    level: dict[str, JsonValue] = {"mediumtype": "SSD", "path": "/mnt/d1", "quota": "10Gi", **changes}
    return {"levels": [{key: value for key, value in level.items() if value is not None}]}


def secret_options(store: str, secret: str = "sec", key: str = "key") -> list[JsonValue]:
    """Credentials of a mount, in one Secret."""
    return [
        {"name": f"fs.{store}.accessKeyId", "valueFrom": {"secretKeyRef": {"name": secret, "key": "id"}}},
        {"name": f"fs.{store}.accessKeySecret", "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}},
    ]


def oss(bucket: str = "bkt", name: str = "spark", **changes: JsonValue) -> dict[str, JsonValue]:
    """An OSS mount."""
    return {
        "mountPoint": f"oss://{bucket}/dir",
        "name": name,
        "options": {"fs.oss.endpoint": "oss-cn"},
        **changes,
    }


@dataclass
class Case:
    """One runtime with its Dataset."""

    runtime: Json = field(default_factory=dict[str, JsonValue])
    dataset: Json = field(default_factory=dict[str, JsonValue])
    annotations: dict[str, str] = field(default_factory=dict[str, str])
    environment: dict[str, str] = field(default_factory=dict[str, str])
    hadoop_keys: frozenset[str] | None = None
    owner: OwnerReference | None = None
    namespace: str = "default"
    name: str = "hbase"

    @cached_property
    def identity(self) -> Identity:
        return Identity.of(self.namespace, self.name, "uid-1")

    @cached_property
    def models(self) -> tuple[JindoRuntime, Dataset]:
        metadata: dict[str, JsonValue] = {"namespace": self.namespace, "name": self.name}
        annotations: dict[str, JsonValue] = dict(self.annotations)
        runtime = JindoRuntime.model_validate(
            {
                "metadata": {**metadata, "uid": "u1", "annotations": annotations},
                "spec": {"tieredstore": tier(), **self.runtime},
            }
        )
        dataset = Dataset.model_validate(
            {"metadata": {**metadata, "uid": "uid-1"}, "spec": dict(self.dataset)}
        )
        return runtime, dataset

    @cached_property
    def transformed(self) -> Transformed[JindoValues]:
        settings = Settings.from_environment(self.environment, [JindoSettings])
        runtime, dataset = self.models
        found = sources_as(Source, dataset)
        return transform(
            JindoCase.of(runtime, dataset, self.identity, settings, PORTS, found, self.hadoop_keys)
        )

    @cached_property
    def objects(self) -> list[KubeObject]:
        values = self.transformed.values
        return chart_objects("jindocache", "jindocache", values, self.identity, self.owner, "JindoRuntime")

    @property
    def master(self) -> StatefulSet:
        return self.only(StatefulSet, f"{self.name}-jindofs-master")

    @property
    def worker(self) -> StatefulSet:
        return self.only(StatefulSet, f"{self.name}-jindofs-worker")

    @property
    def fuse(self) -> DaemonSet:
        return self.only(DaemonSet, f"{self.name}-jindofs-fuse")

    @property
    def pods(self) -> list[PodSpec]:
        return [pod_spec(self.master), pod_spec(self.worker), pod_spec(self.fuse)]

    @property
    def services(self) -> list[Service]:
        return [item for item in self.objects if isinstance(item, Service)]

    def file(self, key: str) -> str:
        return (self.only(ConfigMap, f"{self.name}-jindofs-config").data or {})[key]

    def section(self, name: str, key: str = "jindocache.cfg") -> dict[str, str]:
        return sections(self.file(key))[name]

    def only(self, kind: type[K], name: str) -> K:
        [found] = [item for item in self.objects if isinstance(item, kind) and item.name == name]
        return found


def pod_spec(item: StatefulSet | DaemonSet) -> PodSpec:
    """The pod template's spec."""
    assert item.spec is not None
    assert item.spec.template.spec is not None
    return item.spec.template.spec


def container(item: StatefulSet | DaemonSet) -> Container:
    """The one container."""
    [found] = pod_spec(item).containers
    return found


def env(item: StatefulSet | DaemonSet) -> dict[str, str | None]:
    """The container's environment."""
    return {variable.name: variable.value for variable in container(item).env or []}


def mounts(item: StatefulSet | DaemonSet) -> dict[str, str]:
    """Volume names by mount path."""
    return {mount.mount_path: mount.name for mount in container(item).volume_mounts or []}


def volume(item: StatefulSet | DaemonSet, name: str) -> dict[str, JsonValue]:
    """A volume as it is sent."""
    [found] = [one for one in pod_spec(item).volumes or [] if one.name == name]
    return found.to_wire()


def sections(text: str) -> dict[str, dict[str, str]]:
    """An INI file, keys and values as they stand; a key that stands twice is an error."""
    found: dict[str, dict[str, str]] = {}
    current: dict[str, str] = {}
    for line in text.split("\n"):
        if line.startswith("["):
            current = found.setdefault(line.removeprefix("[").removesuffix("]"), {})
        elif line:
            key, value = line.split(" = ", 1)
            assert key not in current
            current[key] = value
    return found
