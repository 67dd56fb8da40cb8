"""Volume and claim of a reference: those of the Dataset that it refers to, under names of its own."""

from fluid.engines.core.references import Address
from fluid.engines.core.volumes import access_modes
from fluid.models import (
    Dataset,
    ObjectMeta,
    ObjectReference,
    PersistentVolume,
    PersistentVolumeClaim,
    PersistentVolumeClaimSpec,
    VolumeResourceRequirements,
)
from fluid.naming import (
    CREATED_BY,
    CREATED_BY_FLUID,
    DATASET_ID,
    REFERRING_NAME,
    REFERRING_NAMESPACE,
    STORAGE_CLASS,
    VOLUME_SUB_PATH,
    Identity,
)

_READ_ONLY = "ReadOnlyMany"


def borrowed_volume(
    identity: Identity, dataset: Dataset, address: Address, lender: PersistentVolume
) -> PersistentVolume:
    """The volume of a reference.

    Path, mount type, runtime and node label stay those of the other Dataset, so its FUSE pods serve both.
    The handle is the reference's own: a kubelet takes two volumes with one handle for the same.

    Args:
        identity: The reference's.
        dataset: The reference.
        address: What it refers to.
        lender: The volume of the other Dataset.

    Raises:
        InvalidSpec: The reference's access modes are none that a volume can have.
    """
    assert lender.spec is not None, "a volume that Fluid made has a CSI source"
    assert lender.spec.csi is not None, "a volume that Fluid made has a CSI source"
    attributes = _attributes(address, lender)
    csi = lender.spec.csi.model_copy(
        update={"volume_handle": identity.volume_name, "volume_attributes": attributes}
    )
    spec = lender.spec.model_copy(
        update={
            "access_modes": borrowed_modes(dataset, lender),
            "claim_ref": ObjectReference(namespace=identity.namespace, name=identity.name),
            "csi": csi,
        }
    )
    metadata = _metadata(identity)
    metadata.name = identity.volume_name
    return PersistentVolume(metadata=metadata, spec=spec)


def borrowed_claim(
    identity: Identity, dataset: Dataset, address: Address, lender: PersistentVolume
) -> PersistentVolumeClaim:
    """The claim of a reference, with labels that name the other Dataset.

    Raises:
        InvalidSpec: As for the volume.
    """
    metadata = _metadata(identity)
    metadata.name, metadata.namespace = identity.name, identity.namespace
    metadata.labels = {
        **(metadata.labels or {}),
        REFERRING_NAME: address.dataset.name,
        REFERRING_NAMESPACE: address.dataset.namespace,
    }
    spec = PersistentVolumeClaimSpec(
        access_modes=borrowed_modes(dataset, lender),
        resources=VolumeResourceRequirements(requests=(lender.spec and lender.spec.capacity) or {}),
        storage_class_name=STORAGE_CLASS,
        volume_name=identity.volume_name,
    )
    return PersistentVolumeClaim(metadata=metadata, spec=spec)


def borrowed_modes(dataset: Dataset, lender: PersistentVolume) -> list[str]:
    """The access modes of a reference: it can narrow those of the other Dataset, and reads unless it asks.

    Raises:
        InvalidSpec: Its own are none that a volume can have.
    """
    own = access_modes(dataset)
    lent = (lender.spec.access_modes if lender.spec else None) or []
    return [_READ_ONLY] if _READ_ONLY in lent else own


def lends(volume: PersistentVolume, address: Address, lender: PersistentVolume) -> bool:
    """Whether a live volume shows what an address names: that cache, and that folder of it.

    Volumes of earlier installations have the handle of the other Dataset, and the folder as it was written.
    """
    csi = volume.spec.csi if volume.spec else None
    shown = dict((csi.volume_attributes if csi else None) or {})
    if folder := shown.pop(VOLUME_SUB_PATH, "").strip("/"):
        shown[VOLUME_SUB_PATH] = folder
    return shown == _attributes(address, lender)


def _attributes(address: Address, lender: PersistentVolume) -> dict[str, str]:
    csi = lender.spec.csi if lender.spec else None
    attributes = {**((csi.volume_attributes if csi else None) or {})}
    attributes.pop(VOLUME_SUB_PATH, None)
    return {**attributes, VOLUME_SUB_PATH: address.sub_path} if address.sub_path else attributes


def _metadata(identity: Identity) -> ObjectMeta:
    return ObjectMeta(
        labels={identity.common_label: "true", DATASET_ID: identity.dataset_id},
        annotations={CREATED_BY: CREATED_BY_FLUID},
    )
