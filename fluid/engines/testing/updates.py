"""What a change of specs needs until it is in force, read off what is rendered before and after."""

from collections.abc import Sequence

from fluid.engines.core.rollout import template_revision
from fluid.engines.core.start_files import Files, files_of, read_at_start
from fluid.models import DaemonSet, PersistentVolume, PersistentVolumeClaim, StatefulSet
from fluid.types import KubeObject, Update
from fluid.types.updates import strongest

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
    old, new = files_of(before), files_of(after)
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
    if same and read_at_start(after, old) == read_at_start(after, new):
        return "hot"
    if template_revision(before) != template_revision(after):
        return "rolling"  # `core/rollout` replaces the pods
    if isinstance(after, DaemonSet):
        return "on-fuse-restart"
    strategy = after.spec.update_strategy
    return "on-restart" if strategy and strategy.type == "OnDelete" else "rolling"


def _wire(item: KubeObject, part: str) -> object:
    return item.to_wire().get(part)
