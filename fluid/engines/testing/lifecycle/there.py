"""Parts of objects that a simulated cluster always has."""

from typing import TypeVar

from fluid.models import (
    DaemonSet,
    PersistentVolume,
    PersistentVolumeClaim,
    PodTemplateSpec,
    RuntimeStatus,
    StatefulSet,
)
from fluid.types import JsonObject, Key, KubeModel, KubeObject

T = TypeVar("T")


def there(part: T | None) -> T:
    """A part that is there, as this cluster writes it or the API server asks for it."""
    assert part is not None, "a simulated cluster writes it"
    return part


def spec_on_wire(obj: KubeObject) -> JsonObject:
    """The spec of an object of any kind, as it is on the wire."""
    spec = getattr(obj, "spec", None)
    assert isinstance(spec, KubeModel), f"{obj.resource.kind} has a spec"
    return spec.to_wire()


def status_of(obj: KubeObject | None) -> RuntimeStatus | None:
    """The status of a runtime of any kind."""
    status = getattr(obj, "status", None)
    assert status is None or isinstance(status, RuntimeStatus), "the status of a runtime is a RuntimeStatus"
    return status


def controller_of(obj: KubeObject) -> str:
    """UID of the first owner of an object that has one."""
    return there(obj.metadata.owner_references)[0].uid


def template_of(workload: StatefulSet | DaemonSet) -> PodTemplateSpec:
    """The template of a workload's pods."""
    return there(workload.spec).template


def claimed_by(volume: PersistentVolume) -> Key:
    """The claim that a volume is reserved for."""
    reference = there(there(volume.spec).claim_ref)
    return Key(reference.namespace or "", reference.name or "")


def volume_key(claim: PersistentVolumeClaim) -> Key:
    """The volume that a claim asks for."""
    return Key("", there(claim.spec).volume_name or "")
