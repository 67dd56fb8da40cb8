"""The profile is the template, the runtime overrides: by field, and how, is said at each."""

from collections.abc import Sequence
from typing import TypeVar

from fluid.engines.core.errors import InvalidSpec, NamedObject, Subject, Whose
from fluid.engines.kit.components import merged
from fluid.engines.kit.volumes import mounted_volumes, volumes_by_name
from fluid.models import (
    Lifecycle,
    LocalObjectReference,
    PodMetadata,
    ResourceRequirements,
    ThinCompTemplateSpec,
    ThinFuseSpec,
    ThinRuntime,
    ThinRuntimeProfile,
    Volume,
    VolumeMount,
)
from fluid.types import Key

CONFIGURATION = "thin-conf"
"""The volume with `config.json` in FUSE pods."""
C = TypeVar("C", ThinCompTemplateSpec, ThinFuseSpec)


def worker(runtime: ThinRuntime, profile: ThinRuntimeProfile | None) -> ThinCompTemplateSpec:
    """The workers' settings; `enabled` and `replicas` of the runtime count where they are given."""
    base = (profile.spec.worker if profile and profile.spec else None) or ThinCompTemplateSpec()
    own = runtime.spec.worker or ThinCompTemplateSpec()
    result = _component(base, own)
    result.enabled = own.enabled if own.enabled is not None else base.enabled
    result.replicas = own.replicas or base.replicas
    return result


def fuse(runtime: ThinRuntime, profile: ThinRuntimeProfile | None) -> ThinFuseSpec:
    """The FUSE clients' settings; options, labels and annotations are merged one by one.

    Raises:
        InvalidSpec: A `postStart` is given, which would run before or after the client as it happens.
    """
    base = (profile.spec.fuse if profile and profile.spec else None) or ThinFuseSpec()
    own = runtime.spec.fuse or ThinFuseSpec()
    result = _component(base, own)
    result.command = own.command or base.command
    result.args = own.args or base.args
    result.options = merged(base.options, own.options)
    result.clean_policy = own.clean_policy or base.clean_policy
    first, second = base.pod_metadata or PodMetadata(), own.pod_metadata or PodMetadata()
    result.pod_metadata = PodMetadata(
        labels=merged(first.labels, second.labels), annotations=merged(first.annotations, second.annotations)
    )
    for whose, one in ((_of(profile), base), (Whose.RUNTIME, own)):
        if one.lifecycle is not None and one.lifecycle.post_start is not None:
            raise InvalidSpec(whose, "spec.fuse.lifecycle.postStart", "is not supported", "Remove it")
    lifecycles = [one.lifecycle for one in (own, base) if one.lifecycle and one.lifecycle.pre_stop]
    result.lifecycle = lifecycles[0] if lifecycles else None
    return result


def pull_secrets(runtime: ThinRuntime, profile: ThinRuntimeProfile | None) -> list[LocalObjectReference]:
    """Secrets for pulling images of components that have none of their own."""
    return (
        runtime.spec.image_pull_secrets
        or (profile.spec.image_pull_secrets if profile and profile.spec else None)
        or []
    )


def volumes(
    runtime: ThinRuntime, profile: ThinRuntimeProfile | None, component: str, mounts: Sequence[VolumeMount]
) -> list[Volume]:
    """The volumes that a component mounts; of two with one name the runtime's counts.

    FUSE clients may mount the one with their configuration once more, which the chart has.

    Raises:
        InvalidSpec: A mount names no volume, or two volumes of one object have one name.
    """
    base = profile.spec.volumes if profile and profile.spec else None
    known = {**volumes_by_name(base, _of(profile)), **volumes_by_name(runtime.spec.volumes)}
    place, where = f"spec.{component}.volumeMounts", ", in the runtime nor in its profile"
    offered = (CONFIGURATION,) if component == "fuse" else ()
    return mounted_volumes(mounts, known, place, offered=offered, where=where)


def _of(profile: ThinRuntimeProfile | None) -> Subject:
    return NamedObject("ThinRuntimeProfile", Key("", profile.name)) if profile else Whose.RUNTIME


def _component(base: C, own: C) -> C:
    """What both components have: lists are added to, single things and node selectors replaced."""
    result = own.model_copy()
    result.image = own.image or base.image
    result.image_tag = own.image_tag or base.image_tag
    result.image_pull_policy = own.image_pull_policy or base.image_pull_policy
    result.image_pull_secrets = own.image_pull_secrets or base.image_pull_secrets
    result.env = [*(base.env or []), *(own.env or [])]
    result.ports = [*(base.ports or []), *(own.ports or [])]
    result.resources = _resources(base.resources, own.resources)
    result.node_selector = own.node_selector or base.node_selector
    result.network_mode = own.network_mode or base.network_mode
    result.volume_mounts = _mounts(base.volume_mounts or [], own.volume_mounts or [])
    result.liveness_probe = own.liveness_probe or base.liveness_probe
    result.readiness_probe = own.readiness_probe or base.readiness_probe
    return result


def _resources(
    base: ResourceRequirements | None, own: ResourceRequirements | None
) -> ResourceRequirements | None:
    """Requests and limits, one by one."""
    if base is None or own is None:
        return own or base
    changes = {
        "requests": {**(base.requests or {}), **(own.requests or {})},
        "limits": {**(base.limits or {}), **(own.limits or {})},
        "claims": own.claims or base.claims,
    }
    return base.model_copy(update={name: value for name, value in changes.items() if value})


def _mounts(base: Sequence[VolumeMount], own: Sequence[VolumeMount]) -> list[VolumeMount]:
    """The mounts of both; of two at one path the runtime's counts."""
    taken = {mount.mount_path for mount in own}
    return [*(mount for mount in base if mount.mount_path not in taken), *own]


def stop_command(fuse_spec: ThinFuseSpec, target_path: str) -> Lifecycle:
    """What runs before a FUSE container stops: what is asked for, else an unmount."""
    return fuse_spec.lifecycle or Lifecycle.model_validate(
        {"preStop": {"exec": {"command": ["umount", target_path]}}}
    )
