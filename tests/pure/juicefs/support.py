"""Short ways to write a JuiceFSRuntime and its Dataset, and to look at what they become."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from pydantic import JsonValue

from fluid.engines.core.render import Transformed, chart_objects
from fluid.engines.core.settings import Settings
from fluid.engines.juicefs.settings import JuiceFSSettings
from fluid.engines.juicefs.transform import Case as JuiceFSCase
from fluid.engines.juicefs.transform import transform
from fluid.engines.juicefs.values import JuiceFSValues
from fluid.engines.juicefs.volume import Volume
from fluid.models import ConfigMap, Container, DaemonSet, Dataset, JuiceFSRuntime, PodSpec, StatefulSet
from fluid.naming import Identity
from fluid.types import KubeObject

Json = Mapping[str, JsonValue]
K = TypeVar("K", bound=KubeObject)
PORTS = {"worker": 14001, "fuse": 14002}


def secret_option(name: str, secret: str = "jfs-secret", key: str = "") -> JsonValue:
    """An option whose value is in a Secret."""
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key or name}}}


def community(**changes: JsonValue) -> dict[str, JsonValue]:
    """A mount of the community edition."""
    mount: dict[str, JsonValue] = {"mountPoint": "juicefs:///demo", "name": "jfs"}
    return {**mount, "encryptOptions": [secret_option("metaurl")], **changes}


def enterprise(**changes: JsonValue) -> dict[str, JsonValue]:
    """A mount of the enterprise edition."""
    mount: dict[str, JsonValue] = {"mountPoint": "juicefs:///demo", "name": "jfs"}
    return {**mount, "encryptOptions": [secret_option("token")], **changes}


@dataclass
class Case:
    """One runtime with its Dataset."""

    mount: Json = field(default_factory=community)
    runtime: Json = field(default_factory=dict[str, JsonValue])
    dataset: Json = field(default_factory=dict[str, JsonValue])
    environment: dict[str, str] = field(default_factory=lambda: {"MOUNT_ROOT": "/runtime-mnt"})
    ports: Mapping[str, int] = field(default_factory=lambda: PORTS)
    name: str = "demo"
    namespace: str = "jfs"

    @cached_property
    def identity(self) -> Identity:
        return Identity.of(self.namespace, self.name, "uid-1")

    @cached_property
    def models(self) -> tuple[JuiceFSRuntime, Dataset]:
        metadata: dict[str, JsonValue] = {"namespace": self.namespace, "name": self.name, "uid": "u1"}
        runtime = JuiceFSRuntime.model_validate({"metadata": metadata, "spec": dict(self.runtime)})
        spec = {"mounts": [dict(self.mount)], **self.dataset}
        return runtime, Dataset.model_validate({"metadata": metadata, "spec": spec})

    @cached_property
    def case(self) -> JuiceFSCase:
        runtime, dataset = self.models
        settings = Settings.from_environment(self.environment, [JuiceFSSettings])
        return JuiceFSCase(runtime, dataset, self.identity, settings, self.ports, Volume.of(dataset))

    @cached_property
    def transformed(self) -> Transformed[JuiceFSValues]:
        return transform(self.case)

    @property
    def values(self) -> JuiceFSValues:
        return self.transformed.values

    @cached_property
    def objects(self) -> list[KubeObject]:
        return chart_objects("juicefs", "juicefs", self.values, self.identity, None, "JuiceFSRuntime")

    def only(self, kind: type[K], name: str) -> K:
        [found] = [item for item in self.objects if isinstance(item, kind) and item.name == name]
        return found

    @property
    def fuse(self) -> DaemonSet:
        return self.only(DaemonSet, f"{self.name}-fuse")

    @property
    def worker(self) -> StatefulSet:
        return self.only(StatefulSet, f"{self.name}-worker")

    def script(self, component: str) -> str:
        return (self.only(ConfigMap, f"{self.name}-{component}-script").data or {})["script.sh"]

    def words(self, component: str) -> list[list[str]]:
        """The commands of a script, word by word, as a shell reads them."""
        lines = [line.strip() for line in self.script(component).splitlines()]
        left = ("#!", "set ", "echo ", "if ", "fi")
        return [shlex.split(line) for line in lines if line and not line.startswith(left)]

    def options(self, component: str) -> dict[str, str]:
        """The options of the mount command."""
        *_, flag, written = self.words(component)[-1]
        assert flag == "-o"
        return {key: value for key, _, value in (one.partition("=") for one in written.split(","))}


def pod(item: StatefulSet | DaemonSet) -> PodSpec:
    """The pod template's spec."""
    assert item.spec is not None
    assert item.spec.template.spec is not None
    return item.spec.template.spec


def container(item: StatefulSet | DaemonSet) -> Container:
    """The one container."""
    [found] = pod(item).containers
    return found
