"""Metadata of objects: written by hand, as the base class of all kinds is made of it.

The fields are those of `ObjectMeta` in schemas/kubernetes.json, and a test compares them.
"""

from fluid.types.model import JsonObject, KubeModel
from fluid.types.time import Time


class ManagedFieldsEntry(KubeModel):
    """Fields that one manager has set, at one version and in one way."""

    api_version: str | None = None
    """Version of the resource to which the fields belong, as ``group/version``."""

    fields_type: str | None = None
    """Format of the fields: ``FieldsV1`` is the only one."""

    fields_v1: JsonObject | None = None
    """The fields, as nested objects."""

    manager: str | None = None
    """Who set them."""

    operation: str | None = None
    """``Apply`` (server-side apply) or ``Update`` (anything else)."""

    subresource: str | None = None
    """The subresource by which they were set; empty for the object itself."""

    time: Time | None = None
    """When the entry was added or last changed."""


class OwnerReference(KubeModel):
    """An object that owns this one: of the same namespace, or cluster-wide."""

    api_version: str
    """apiVersion of the owner."""

    block_owner_deletion: bool | None = None
    """Whether foreground deletion of the owner waits for this object."""

    controller: bool | None = None
    """Whether the owner is the managing controller, of which there is at most one."""

    kind: str
    """Kind of the owner."""

    name: str
    """Name of the owner."""

    uid: str
    """UID of the owner."""


class ObjectMeta(KubeModel):
    """What every object has besides spec and status.

    https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata
    """

    annotations: dict[str, str] | None = None
    """What tools attach to the object; no selector reads it."""

    creation_timestamp: Time | None = None
    """When the API server created the object. Read-only."""

    deletion_grace_period_seconds: int | None = None
    """Seconds that the object may take to end once its deletion was asked for. Read-only."""

    deletion_timestamp: Time | None = None
    """From when on the object goes: its deletion was asked for, and no finalizer can be added. Read-only."""

    finalizers: list[str] | None = None
    """Who has to clean up before the object goes."""

    generate_name: str | None = None
    """Prefix of the name that the API server makes up when there is none."""

    generation: int | None = None
    """Counts the changes of the desired state. Read-only."""

    labels: dict[str, str] | None = None
    """What selectors find the object by."""

    managed_fields: list[ManagedFieldsEntry] | None = None
    """Who has set which field."""

    name: str | None = None
    """Name, unique in the namespace among objects of the kind. Cannot be changed."""

    namespace: str | None = None
    """Namespace; none for cluster-wide kinds. Cannot be changed."""

    owner_references: list[OwnerReference] | None = None
    """Owners: when all are gone, the object is deleted."""

    resource_version: str | None = None
    """Version of the object as stored: opaque, another one after each change."""

    self_link: str | None = None
    """No API server fills it in any more."""

    uid: str | None = None
    """The one identity that is never used again. Read-only."""
