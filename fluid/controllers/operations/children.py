"""The live objects of an operation."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from fluid.controllers.context import BY_OWNER, Informers
from fluid.controllers.operations.progress import newest_pod
from fluid.engines.core.operation import OperationRegistration, OperationT
from fluid.kube import Entry
from fluid.models import ConfigMap, CronJob, Job
from fluid.types import Key, KubeObject

ObjectT = TypeVar("ObjectT", bound=KubeObject)


def live_children(
    informers: Informers, operation: OperationT, kind: OperationRegistration[OperationT]
) -> list[KubeObject]:
    """The Jobs, CronJobs and ConfigMaps that an operation controls, and objects of further kinds it creates.

    While the operation is being deleted, its ConfigMap from an older installation counts too, which has no
    owner. Name, release and role must all match: another user's ConfigMap can have the name, and the
    ConfigMap of a runtime can have the release.
    """
    uid = operation.uid
    children: list[KubeObject] = [
        *informers.jobs.store.by(BY_OWNER, uid),
        *informers.cron_jobs.store.by(BY_OWNER, uid),
        *informers.config_maps.store.by(BY_OWNER, uid),
        *informers.controlled(uid, kind.workloads),
    ]
    if operation.metadata.deletion_timestamp is not None:
        entry = informers.config_maps.store.entry(Key(operation.namespace, kind.config_map(operation)))
        children += [entry.object] if entry is not None and _is_scripts(entry, operation) else []
    return children


def _is_scripts(entry: Entry[ConfigMap], operation: KubeObject) -> bool:
    """Whether a ConfigMap without an owner has the labels of an operation's scripts."""
    release = entry.labels.get("release")
    named = release is not None and entry.key.name.startswith(f"{release}-")
    role = f"{operation.resource.kind.lower()}-job"
    return named and entry.controller is None and entry.labels.get("role") == role


def live_runs(informers: Informers, children: Sequence[KubeObject]) -> list[Job]:
    """The Jobs that an operation's CronJob created."""
    cron_jobs = [child for child in children if isinstance(child, CronJob)]
    return [job for one in cron_jobs for job in informers.jobs.store.by(BY_OWNER, one.uid)]


def node_labels(informers: Informers, job: Job | None) -> Mapping[str, str]:
    """The labels of the node of a Job's newest pod that has not failed; empty if unknown."""
    pods = informers.pods.store.by(BY_OWNER, job.uid) if job else ()
    pod = newest_pod(pod for pod in pods if not (pod.status and pod.status.phase == "Failed"))
    name = pod.spec.node_name if pod and pod.spec else None
    node = informers.nodes.store.entry(Key("", name)) if name else None
    return node.labels if node else {}


def operation_above(informers: Informers, entry: Entry[ObjectT], kind: str) -> Iterable[Key]:
    """The operation that an object was created for: by the operation, its Job or its CronJob."""
    owner, namespace = entry.controller, entry.key.namespace
    makers = {"Job": informers.jobs.store.entry, "CronJob": informers.cron_jobs.store.entry}
    while owner is not None and owner.kind in makers:
        maker = makers[owner.kind](Key(namespace, owner.name))
        owner = maker.controller if maker else None
    if owner is not None and owner.kind == kind:
        yield Key(namespace, owner.name)
