"""Pods that wait for their volumes: the kubelet says why in events alone, so what they may lack is named."""

from collections.abc import Sequence
from datetime import datetime

from fluid.conditions import find_condition
from fluid.models import ContainerStatus, Pod, PodCondition, Volume

VOLUMES_WITHIN = 10.0
"""Seconds within which a pod should have got its volumes."""


def lacks_volumes(pod: Pod) -> bool:
    """Whether the kubelet has not even come to start a container, or to pull its image."""
    prepared = _condition(pod, "PodReadyToStartContainers")
    return prepared is not None and prepared.status == "False" and not _run(pod)


def patience_left(pod: Pod, now: datetime) -> float:
    """Seconds until a pod that lacks its volumes has waited too long; 0 or less when it has."""
    scheduled = _condition(pod, "PodScheduled")
    since = scheduled.last_transition_time if scheduled and scheduled.status == "True" else None
    return VOLUMES_WITHIN - (now - since).total_seconds() if since else VOLUMES_WITHIN


def what_it_may_lack(volumes: Sequence[Volume]) -> str:
    """What a pod has waited for too long, with the objects that its volumes need."""
    names = [f"Secret {one.secret.secret_name}" for one in volumes if one.secret]
    projected = [one.projected.sources or () for one in volumes if one.projected]
    names += [f"Secret {one.secret.name}" for sources in projected for one in sources if one.secret]
    names += [f"ConfigMap {one.config_map.name}" for one in volumes if one.config_map]
    claims = [one.persistent_volume_claim for one in volumes if one.persistent_volume_claim]
    names += [f"PersistentVolumeClaim {one.claim_name}" for one in claims]
    wanted = ", ".join(dict.fromkeys(names))
    return f"has waited for its volumes for over {VOLUMES_WITHIN:g} s: see that it has {wanted}"


def _run(pod: Pod) -> bool:
    """Whether all containers run."""
    return bool(_statuses(pod)) and all(one.state and one.state.running for one in _statuses(pod))


def _condition(pod: Pod, kind: str) -> PodCondition | None:
    return find_condition(pod.status.conditions if pod.status else None, kind)


def _statuses(pod: Pod) -> Sequence[ContainerStatus]:
    return (pod.status.container_statuses if pod.status else None) or ()
