"""Datasets and runtimes as users write them, with builders and `apply`.

They extend the generated models and add no field, so both have the same wire form.
"""
# pyright: reportIncompatibleVariableOverride=false
# as in the generated models: a kind narrows apiVersion and kind to its own literals

from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, Literal, Protocol, Self, TypeVar, overload

from pydantic import JsonValue

from fluid import models
from fluid.sdk.resources import AsyncResources, Resources
from fluid.types import KubeObject

AccessMode = Literal["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"]
Labels = Mapping[str, str] | None
M = TypeVar("M", bound=KubeObject)


class Blocking(Protocol):
    """A client for blocking use, as `fluid.Client` is."""

    def kind(self, model: type[M]) -> Resources[M]:
        """All objects of a kind."""
        ...


class Awaiting(Protocol):
    """A client for use with await, as `fluid.AsyncClient` is."""

    def kind(self, model: type[M]) -> AsyncResources[M]:
        """All objects of a kind."""
        ...


class Applicable(KubeObject):
    """An object with a method that applies it."""

    @overload
    def apply(self, client: Blocking, *, force: bool = False, dry_run: bool = False) -> Self: ...
    @overload
    def apply(
        self, client: Awaiting, *, force: bool = False, dry_run: bool = False
    ) -> Coroutine[Any, Any, Self]: ...
    def apply(
        self, client: Blocking | Awaiting, *, force: bool = False, dry_run: bool = False
    ) -> Self | Coroutine[Any, Any, Self]:
        """Create the object, or make the existing one what this one says (server-side apply).

        Args:
            client: The client to use; with an AsyncClient, await the result.
            force: Take over fields that somebody else has set.
            dry_run: Let the API server check and default it, and store nothing.

        Returns:
            The object as the API server has it now.

        Raises:
            AuthoringError: A field is unknown or malformed.
            KubeError: The API server refuses it.
        """
        return client.kind(type(self)).apply(self, force=force, dry_run=dry_run)


class Dataset(Applicable, models.Dataset):
    """A named set of sources that a cache of the same name accelerates and pods read as a volume."""

    @classmethod
    def of(
        cls,
        name: str,
        *mounts: models.Mount,
        namespace: str | None = None,
        access_modes: Sequence[AccessMode] | None = None,
        placement: Literal["Exclusive", "Shared"] | None = None,
        shared_options: Mapping[str, str] | None = None,
        node_affinity: models.NodeSelector | None = None,
        tolerations: Sequence[models.Toleration] | None = None,
        labels: Labels = None,
        annotations: Labels = None,
    ) -> Self:
        """Write a Dataset.

        Args:
            name: Its name, and that of its runtime and of the PersistentVolumeClaim that pods use.
            mounts: Its sources; see `s3`, `oss`, `hdfs`, `pvc`, `host_path` and `source`.
            namespace: Default is the client's.
            access_modes: How pods may use it. Default ReadOnlyMany.
            placement: Whether cache workers share nodes with those of other Datasets. Default Exclusive.
            shared_options: Options of all mounts.
            node_affinity: Nodes that may cache it.
            tolerations: Taints that the cache's pods tolerate.
            labels: Labels of the object.
            annotations: Annotations of the object.

        Raises:
            AuthoringError: A value is malformed; the message says which.
        """
        spec: dict[str, JsonValue] = {
            "mounts": [mount.to_wire() for mount in mounts] or None,
            "accessModes": None if access_modes is None else [*access_modes],
            "placement": placement,
            "sharedOptions": None if shared_options is None else dict(shared_options),
            "nodeAffinity": None if node_affinity is None else {"required": node_affinity.to_wire()},
            "tolerations": None if tolerations is None else [one.to_wire() for one in tolerations],
        }
        return cls.author(document(name, namespace, labels, annotations, spec))


class AlluxioRuntime(Applicable, models.AlluxioRuntime):
    """An Alluxio cluster that caches the Dataset with the same name."""

    @classmethod
    def of(
        cls,
        name: str,
        *tiers: models.Level,
        replicas: int = 1,
        namespace: str | None = None,
        masters: int | None = None,
        properties: Labels = None,
        hadoop_config: str | None = None,
        labels: Labels = None,
        annotations: Labels = None,
    ) -> Self:
        """Write an AlluxioRuntime; set what else it needs in its `spec`.

        Args:
            name: Name of the Dataset that it caches.
            tiers: Where workers keep data, the fastest first; see `tier`. Default is 1Gi in memory.
            replicas: Number of workers.
            namespace: Default is the client's.
            masters: Number of masters. Default 1.
            properties: Alluxio properties of all components.
            hadoop_config: ConfigMap with core-site.xml or hdfs-site.xml, for HDFS.
            labels: Labels of the object.
            annotations: Annotations of the object.

        Raises:
            AuthoringError: A value is malformed; the message says which.
        """
        spec: dict[str, JsonValue] = {
            "replicas": replicas,
            "tieredstore": {"levels": [level.to_wire() for level in tiers]} if tiers else None,
            "master": None if masters is None else {"replicas": masters},
            "properties": None if properties is None else dict(properties),
            "hadoopConfig": hadoop_config,
        }
        return cls.author(document(name, namespace, labels, annotations, spec))


class JindoRuntime(Applicable, models.JindoRuntime):
    """A JindoCache cluster that caches the Dataset with the same name."""

    @classmethod
    def of(
        cls,
        name: str,
        *tiers: models.Level,
        replicas: int = 1,
        namespace: str | None = None,
        network: Literal["HostNetwork", "ContainerNetwork"] | None = None,
        hadoop_config: str | None = None,
        secret: str | None = None,
        labels: Labels = None,
        annotations: Labels = None,
    ) -> Self:
        """Write a JindoRuntime; set what else it needs in its `spec`.

        Args:
            name: Name of the Dataset that it caches.
            tiers: Where workers keep data; see `tier`. Default is 1Gi in memory.
            replicas: Number of workers.
            namespace: Default is the client's.
            network: Network of the pods. Default HostNetwork.
            hadoop_config: ConfigMap with core-site.xml or hdfs-site.xml, for HDFS.
            secret: Secret with files of temporary credentials.
            labels: Labels of the object.
            annotations: Annotations of the object.

        Raises:
            AuthoringError: A value is malformed; the message says which.
        """
        spec: dict[str, JsonValue] = {
            "replicas": replicas,
            "tieredstore": {"levels": [level.to_wire() for level in tiers]} if tiers else None,
            "networkmode": network,
            "hadoopConfig": hadoop_config,
            "secret": secret,
        }
        return cls.author(document(name, namespace, labels, annotations, spec))


class JuiceFSRuntime(Applicable, models.JuiceFSRuntime):
    """A JuiceFS file system, with a cache, that the Dataset with the same name names."""

    @classmethod
    def of(
        cls,
        name: str,
        *tiers: models.Level,
        replicas: int = 1,
        options: Mapping[str, str] | None = None,
        worker_options: Mapping[str, str] | None = None,
        namespace: str | None = None,
        network: Literal["HostNetwork", "ContainerNetwork"] | None = None,
        labels: Labels = None,
        annotations: Labels = None,
    ) -> Self:
        """Write a JuiceFSRuntime; set what else it needs in its `spec`.

        Args:
            name: Name of the Dataset, whose one mount is of `juicefs`.
            tiers: Where blocks are kept; see `tier`. The first counts. Default is `/var/jfsCache`.
            replicas: Number of workers.
            options: Mount options of the FUSE clients.
            worker_options: Mount options of the workers.
            namespace: Default is the client's.
            network: Network of the pods. Default HostNetwork.
            labels: Labels of the object.
            annotations: Annotations of the object.

        Raises:
            AuthoringError: A value is malformed; the message says which.
        """
        parts: dict[str, JsonValue] = {}
        for part, said in (("fuse", options), ("worker", worker_options)):
            own: dict[str, JsonValue] = {"options": dict(said)} if said is not None else {}
            if network is not None:
                own["networkMode"] = network
            parts[part] = own or None
        levels: JsonValue = {"levels": [level.to_wire() for level in tiers]} if tiers else None
        spec: dict[str, JsonValue] = {"replicas": replicas, "tieredstore": levels, **parts}
        return cls.author(document(name, namespace, labels, annotations, spec))


class ThinRuntime(Applicable, models.ThinRuntime):
    """Any FUSE client, as a profile describes it, that mounts the Dataset with the same name."""

    @classmethod
    def of(
        cls,
        name: str,
        profile: str,
        *,
        options: Mapping[str, str] | None = None,
        replicas: int | None = None,
        namespace: str | None = None,
        labels: Labels = None,
        annotations: Labels = None,
    ) -> Self:
        """Write a ThinRuntime; set what else it needs in its `spec`.

        Args:
            name: Name of the Dataset that it mounts.
            profile: Name of the ThinRuntimeProfile, which says how.
            options: Options of the client, over those of the profile.
            replicas: Number of workers, where the profile has some.
            namespace: Default is the client's.
            labels: Labels of the object.
            annotations: Annotations of the object.

        Raises:
            AuthoringError: A value is malformed; the message says which.
        """
        spec: dict[str, JsonValue] = {
            "profileName": profile,
            "fuse": None if options is None else {"options": dict(options)},
            "replicas": replicas,
        }
        return cls.author(document(name, namespace, labels, annotations, spec))


def document(
    name: str, namespace: str | None, labels: Labels, annotations: Labels, spec: dict[str, JsonValue]
) -> dict[str, JsonValue]:
    """The document of an object, without arguments that are None."""
    metadata: dict[str, JsonValue] = {
        "name": name,
        "namespace": namespace,
        "labels": dict(labels) if labels else None,
        "annotations": dict(annotations) if annotations else None,
    }
    return {"metadata": given(metadata), "spec": given(spec)}


def given(fields: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """The fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}
