"""The PersistentVolume and the claim by which pods reach a cache."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fluid.engines.core.checks import expect_field
from fluid.engines.core.errors import InvalidSpec, Whose
from fluid.engines.core.volume_metadata import Allowed, added_metadata
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
    FUSE_GENERATION,
    NODE_PUBLISH_METHOD,
    SKIP_CHECK_MOUNT_READY,
    STORAGE_CAPACITY,
    STORAGE_CLASS,
    SYMLINK,
    VOLUME_MOUNT_TYPE,
    VOLUME_NODE_LABEL,
    VOLUME_PATH,
    VOLUME_PUBLISH_METHOD,
    VOLUME_RUNTIME_NAME,
    VOLUME_RUNTIME_NAMESPACE,
    Identity,
)
from fluid.types import KubeObject, Quantity

ACCESS_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
"""What Kubernetes knows."""
_ALONE = "ReadWriteOncePod"


@dataclass(frozen=True)
class FuseMount:
    """Where a runtime's FUSE pods mount the cache.

    Attributes:
        runtime: The runtime; its annotations say more about the volume.
        mount_type: What the node's mount table calls the mount.
        path: Directory of the node.
        node_selector: Nodes that FUSE pods can run on; empty for all.
        metadata: Which labels and annotations of the user the volume, which is the cluster's, may carry.
        generation: What FUSE pods that are made now differ by from others, for the label of the claim by
            which the node plugin carries out `OnFuseChanged`; empty for an engine that does not say.
    """

    runtime: KubeObject
    mount_type: str
    path: str
    node_selector: Mapping[str, str]
    metadata: Allowed = field(default_factory=Allowed)
    generation: str = ""

    def __post_init__(self) -> None:
        """Refuse what is of another type."""
        expect_field("FuseMount.runtime", self.runtime, KubeObject)
        expect_field("FuseMount.mount_type", self.mount_type, str)
        expect_field("FuseMount.path", self.path, str)
        expect_field("FuseMount.node_selector", self.node_selector, Mapping)
        expect_field("FuseMount.metadata", self.metadata, Allowed)
        expect_field("FuseMount.generation", self.generation, str)


def persistent_volume(identity: Identity, dataset: Dataset, mount: FuseMount) -> PersistentVolume:
    """The volume of a cache; only the claim of the Dataset's own name can bind it.

    Raises:
        InvalidSpec: The runtime's annotation about metadata is malformed, or no volume can be as the Dataset
            says.
    """
    metadata = _metadata(identity, mount.runtime, "PersistentVolume", mount.metadata)
    metadata.name = identity.volume_name
    attributes = {
        VOLUME_PATH: mount.path,
        VOLUME_MOUNT_TYPE: mount.mount_type,
        VOLUME_RUNTIME_NAMESPACE: identity.namespace,
        VOLUME_RUNTIME_NAME: identity.name,
        VOLUME_NODE_LABEL: identity.fuse_label,
    }
    if (metadata.labels or {}).get(NODE_PUBLISH_METHOD) == SYMLINK:
        attributes[VOLUME_PUBLISH_METHOD] = SYMLINK
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
        InvalidSpec: As for the volume.
    """
    metadata = _metadata(identity, mount.runtime, "PersistentVolumeClaim")
    metadata.name, metadata.namespace = identity.name, identity.namespace
    if mount.generation:
        metadata.labels = {**(metadata.labels or {}), FUSE_GENERATION: mount.generation}
    spec = PersistentVolumeClaimSpec(
        access_modes=access_modes(dataset),
        resources=VolumeResourceRequirements(requests={"storage": capacity(dataset)}),
        storage_class_name=STORAGE_CLASS,
        volume_name=identity.volume_name,
    )
    return PersistentVolumeClaim(metadata=metadata, spec=spec)


def access_modes(dataset: Dataset) -> list[str]:
    """The Dataset's access modes; none means that many pods read.

    Raises:
        InvalidSpec: Kubernetes has no such mode, or does not take them together.
    """
    modes = list(dataset.spec.access_modes or ["ReadOnlyMany"])
    for index, mode in enumerate(modes):
        if mode not in ACCESS_MODES:
            raise InvalidSpec(
                Whose.DATASET,
                f"spec.accessModes[{index}]",
                f"{mode[:40]!r} is no access mode",
                f"Use {_or(ACCESS_MODES)}",
            )
    if _ALONE in modes and len(modes) > 1:
        raise InvalidSpec(
            Whose.DATASET, "spec.accessModes", f"{_ALONE} stands beside others", "Let it stand alone"
        )
    return modes


def capacity(dataset: Dataset) -> Quantity:
    """The size that volume and claim show: the Dataset's annotation, or one larger than any disk.

    Raises:
        InvalidSpec: It is a size, and not above 0.
    """
    spelling = (dataset.metadata.annotations or {}).get(STORAGE_CAPACITY, DEFAULT_CAPACITY)
    try:
        size = Quantity(spelling)
    except ValueError:
        return Quantity(DEFAULT_CAPACITY)
    if int(size) <= 0:
        raise InvalidSpec(
            Whose.DATASET,
            f"metadata.annotations[{STORAGE_CAPACITY}]",
            f"{spelling[:40]!r} is no size of a volume",
            "Write one above 0, such as 10Ti, or remove it",
        )
    return size


def _or(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"


def _node_selector(labels: Mapping[str, str]) -> NodeSelector:
    requirements = [
        NodeSelectorRequirement(key=key, operator="In", values=[value])
        for key, value in sorted(labels.items())
    ]
    return NodeSelector(node_selector_terms=[NodeSelectorTerm(match_expressions=requirements)])


def _metadata(
    identity: Identity, runtime: KubeObject, kind: str, allowed: Allowed | None = None
) -> ObjectMeta:
    added = added_metadata(runtime, kind, allowed)
    return ObjectMeta(
        labels={**added.labels, identity.common_label: "true", DATASET_ID: identity.dataset_id},
        annotations={**added.annotations, CREATED_BY: CREATED_BY_FLUID},
    )
