"""What a change of specs needs until it is in force, read off what is rendered before and after."""

from collections.abc import Iterator, Mapping, Sequence

from fluid.engines.core.rollout import template_revision
from fluid.models import (
    ConfigMap,
    DaemonSet,
    PersistentVolume,
    PersistentVolumeClaim,
    PodSpec,
    StatefulSet,
    Volume,
)
from fluid.types import KubeObject, Update
from fluid.types.updates import strongest

Workload = StatefulSet | DaemonSet
Files = Mapping[tuple[str, str], str]
"""Texts of ConfigMaps by name and key."""
_FIXED = ("selector", "service_name", "pod_management_policy", "volume_claim_templates")
"""What the API server lets nobody change."""


def needed(before: Sequence[KubeObject], after: Sequence[KubeObject]) -> Update:
    """The weakest policy that is true of a change.

    Components that come, go or are scaled need no pod to be replaced.

    Args:
        before: All objects as rendered before the change, volume and claim included.
        after: The same after it.
    """
    known = {(type(one), one.name): one for one in before}
    pairs = [(known[type(one), one.name], one) for one in after if (type(one), one.name) in known]
    old, new = _files(before), _files(after)
    return strongest(_of(one, other, old, new) for one, other in pairs)


def _of(before: KubeObject, after: KubeObject, old: Files, new: Files) -> Update:
    if isinstance(after, PersistentVolume | PersistentVolumeClaim):
        return "hot" if _wire(before, "spec") == _wire(after, "spec") else "recreate"
    if not isinstance(after, StatefulSet | DaemonSet) or not isinstance(before, StatefulSet | DaemonSet):
        return "hot"
    assert before.spec is not None, "a workload has a spec"
    assert after.spec is not None, "a workload has a spec"
    if any(getattr(before.spec, name, None) != getattr(after.spec, name, None) for name in _FIXED):
        return "recreate"
    same = before.spec.template.to_wire() == after.spec.template.to_wire()
    if same and _read_once(after, old) == _read_once(after, new):
        return "hot"
    if template_revision(before) != template_revision(after):
        return "rolling"  # `core/rollout` replaces the pods
    if isinstance(after, DaemonSet):
        return "on-fuse-restart"
    strategy = after.spec.update_strategy
    return "on-restart" if strategy and strategy.type == "OnDelete" else "rolling"


def _wire(item: KubeObject, part: str) -> object:
    return item.to_wire().get(part)


def _files(objects: Sequence[KubeObject]) -> Files:
    maps = [one for one in objects if isinstance(one, ConfigMap)]
    return {(one.name, key): text for one in maps for key, text in (one.data or {}).items()}


def _read_once(workload: Workload, files: Files) -> list[str | None]:
    """Texts of ConfigMaps that a running pod sees no change of: variables, and files mounted by `subPath`."""
    pod = workload.spec.template.spec if workload.spec else None
    return [files.get(one) for one in _keys_read_once(pod)] if pod else []


def _keys_read_once(pod: PodSpec) -> Iterator[tuple[str, str]]:
    volumes: Mapping[str, Volume] = {one.name: one for one in pod.volumes or ()}
    for container in (*(pod.init_containers or ()), *pod.containers):
        for variable in container.env or ():
            reference = variable.value_from.config_map_key_ref if variable.value_from else None
            if reference is not None:
                yield reference.name or "", reference.key
        for mount in container.volume_mounts or ():
            source = volumes[mount.name].config_map if mount.name in volumes else None
            if mount.sub_path and source is not None:
                paths = {one.path: one.key for one in source.items or ()}
                yield source.name or "", paths.get(mount.sub_path, mount.sub_path)
