"""The PersistentVolume and the claim by which pods reach a cache."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError, model_validator

from fluid.engines.errors import InvalidSpec
from fluid.models import (
    CSIPersistentVolumeSource,
    Dataset,
    NodeSelector,
    NodeSelectorRequirement,
    NodeSelectorTerm,
    ObjectMeta,
    ObjectReference,
    PersistentVolume,
    PersistentVolumeClaim,
    PersistentVolumeClaimSpec,
    PersistentVolumeSpec,
    VolumeNodeAffinity,
    VolumeResourceRequirements,
)
from fluid.naming import (
    CREATED_BY,
    CREATED_BY_FLUID,
    CSI_DRIVER,
    DATASET_ID,
    DEFAULT_CAPACITY,
    METADATA_LIST,
    NODE_PUBLISH_METHOD,
    SKIP_CHECK_MOUNT_READY,
    STORAGE_CAPACITY,
    STORAGE_CLASS,
    Identity,
)
from fluid.types import KubeObject, Quantity


@dataclass(frozen=True)
class FuseMount:
    """Where a runtime's FUSE pods mount the cache.

    Attributes:
        runtime: The runtime; its annotations say more about the volume.
        mount_type: What the node's mount table calls the mount.
        path: Directory of the node.
        node_selector: Nodes that FUSE pods can run on; empty for all.
    """

    runtime: KubeObject
    mount_type: str
    path: str
    node_selector: Mapping[str, str]


class _AnyCase(BaseModel):
    """JSON whose own keys may be in any case, as the wire has always read them (`Labels`, `selector`)."""

    @model_validator(mode="before")
    @classmethod
    def _fold(cls, entry: JsonValue) -> JsonValue:
        return {key.lower(): value for key, value in entry.items()} if isinstance(entry, dict) else entry


class _Selector(_AnyCase):
    kind: str = ""
    group: str = ""


class _Metadata(_AnyCase):
    """One entry of the annotation `data.fluid.io/metadataList`."""

    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    selector: _Selector | None = None


_ENTRIES = TypeAdapter(list[_Metadata])


def persistent_volume(identity: Identity, dataset: Dataset, mount: FuseMount) -> PersistentVolume:
    """The volume of a cache; only the claim of the Dataset's own name can bind it.

    Raises:
        InvalidSpec: The runtime's annotation about metadata is malformed.
    """
    metadata = _metadata(identity, mount.runtime, "PersistentVolume")
    metadata.name = identity.volume_name
    attributes = {
        "fluid_path": mount.path,
        "mount_type": mount.mount_type,
        "runtime_namespace": identity.namespace,
        "runtime_name": identity.name,
        "mount_pod_node_selector_key": identity.fuse_label,
    }
    if (metadata.labels or {}).get(NODE_PUBLISH_METHOD) == "symlink":
        attributes["node_publish_method"] = "symlink"
    annotations = mount.runtime.metadata.annotations or {}
    if SKIP_CHECK_MOUNT_READY in annotations:
        attributes[SKIP_CHECK_MOUNT_READY] = annotations[SKIP_CHECK_MOUNT_READY]
    csi = CSIPersistentVolumeSource(
        driver=CSI_DRIVER, volume_handle=identity.volume_name, volume_attributes=attributes
    )
    spec = PersistentVolumeSpec(
        access_modes=access_modes(dataset),
        capacity={"storage": capacity(dataset)},
        claim_ref=ObjectReference(namespace=identity.namespace, name=identity.name),
        csi=csi,
        storage_class_name=STORAGE_CLASS,
    )
    if mount.node_selector:
        spec.node_affinity = VolumeNodeAffinity(required=_node_selector(mount.node_selector))
    return PersistentVolume(metadata=metadata, spec=spec)


def persistent_volume_claim(identity: Identity, dataset: Dataset, mount: FuseMount) -> PersistentVolumeClaim:
    """The claim that pods name: the Dataset's own name, bound to its volume.

    Raises:
        InvalidSpec: The runtime's annotation about metadata is malformed.
    """
    metadata = _metadata(identity, mount.runtime, "PersistentVolumeClaim")
    metadata.name, metadata.namespace = identity.name, identity.namespace
    spec = PersistentVolumeClaimSpec(
        access_modes=access_modes(dataset),
        resources=VolumeResourceRequirements(requests={"storage": capacity(dataset)}),
        storage_class_name=STORAGE_CLASS,
        volume_name=identity.volume_name,
    )
    return PersistentVolumeClaim(metadata=metadata, spec=spec)


def access_modes(dataset: Dataset) -> list[str]:
    """The Dataset's access modes; none means that many pods read."""
    return list(dataset.spec.access_modes or ["ReadOnlyMany"])


def capacity(dataset: Dataset) -> Quantity:
    """The size that volume and claim show: the Dataset's annotation, or one larger than any disk."""
    try:
        return Quantity((dataset.metadata.annotations or {}).get(STORAGE_CAPACITY, DEFAULT_CAPACITY))
    except ValueError:
        return Quantity(DEFAULT_CAPACITY)


def _node_selector(labels: Mapping[str, str]) -> NodeSelector:
    requirements = [
        NodeSelectorRequirement(key=key, operator="In", values=[value])
        for key, value in sorted(labels.items())
    ]
    return NodeSelector(node_selector_terms=[NodeSelectorTerm(match_expressions=requirements)])


def _metadata(identity: Identity, runtime: KubeObject, kind: str) -> ObjectMeta:
    entries = [entry for entry in _entries(runtime) if entry.selector == _Selector(kind=kind)]
    labels = {key: value for entry in entries for key, value in (entry.labels or {}).items()}
    annotations = {key: value for entry in entries for key, value in (entry.annotations or {}).items()}
    return ObjectMeta(
        labels={**labels, identity.common_label: "true", DATASET_ID: identity.dataset_id},
        annotations={**annotations, CREATED_BY: CREATED_BY_FLUID},
    )


def _entries(runtime: KubeObject) -> list[_Metadata]:
    text = (runtime.metadata.annotations or {}).get(METADATA_LIST)
    if not text:
        return []
    try:
        return _ENTRIES.validate_json(text)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = "".join(f"[{part}]" for part in problem["loc"])
        raise InvalidSpec(
            f"metadata.annotations[{METADATA_LIST}]{where}",
            f"cannot be read: {problem['msg']}",
            'Write a JSON list such as [{"labels": {"a": "b"}, "selector": {"kind": "PersistentVolume"}}]',
        ) from None
