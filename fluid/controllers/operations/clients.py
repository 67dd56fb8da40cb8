"""Why the FUSE client that the pod of an operation reads through does not serve."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from fluid.conditions import FUSE_NOT_READY, READY, find_condition
from fluid.controllers.context import BY_OWNER, BY_RUNTIME, Informers, runtime_value
from fluid.controllers.operations.progress import Progress, newest_pod
from fluid.engines.core.fuse_health import FusePods
from fluid.engines.core.plan import Plan
from fluid.engines.core.pod_diagnostics import missing_pods
from fluid.engines.core.registration import EngineRegistration
from fluid.engines.core.runtime_status import blank_status
from fluid.models import Dataset, DatasetStatus, Job, Pod
from fluid.types import KubeObject


def with_clients(
    progress: Progress,
    dataset: Dataset | None,
    registration: EngineRegistration[KubeObject] | None,
    job: Job | None,
    pods: Sequence[Pod],
    informers: Informers,
    now: datetime,
) -> Progress:
    """Adds to a Job's progress what is wrong with the FUSE client on the node of its newest pod.

    Nothing is added unless the Dataset is not Ready because of its clients. A change of that condition wakes
    the operations, and the condition allows for the time that a client needs to start.
    """
    pod = newest_pod(pods)
    node = pod.spec.node_name if pod is not None and pod.spec is not None else None
    ready = find_condition(dataset.status.conditions, READY) if dataset and dataset.status else None
    if dataset is None or registration is None or job is None or pod is None or not node or ready is None:
        return progress
    phase = pod.status.phase if pod.status else None
    failing = (ready.status, ready.reason) == ("False", FUSE_NOT_READY)
    if not failing or phase in ("Succeeded", "Failed") or not _uses_claim(job, dataset.name):
        return progress
    for workload in informers.daemonsets.store.by(BY_RUNTIME, runtime_value(registration.kind, dataset.key)):
        clients = informers.pods.store.by(BY_OWNER, workload.uid)
        here = [one for one in clients if one.spec is not None and one.spec.node_name == node]
        plan = Plan(blank_status(), DatasetStatus(conditions=[]))  # its deadlines are not used
        fuses = FusePods(workload, here, plan, now)
        refused = ready.message if not here and missing_pods(workload, clients) else None
        complaint = fuses.complaint()
        words = complaint.words if complaint else refused
        if words and phase == "Pending":
            return replace(progress, blocked=words)
        if words := words or fuses.slow():
            return replace(progress, complaint=progress.complaint or words)
    return progress


def _uses_claim(job: Job, name: str) -> bool:
    """Whether the pods of a Job use the claim of the Dataset; the pods of some engines do not."""
    template = job.spec.template.spec if job.spec else None
    claims = [one.persistent_volume_claim for one in (template.volumes if template else None) or ()]
    return any(claim is not None and claim.claim_name == name for claim in claims)
