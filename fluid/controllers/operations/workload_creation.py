"""Creates the workload of an operation at the API server."""

from collections.abc import Sequence

from fluid.controllers.operations.outcomes import EXECUTION_FAILED, Pause, Refusal
from fluid.controllers.operations.snapshot import OperationSnapshot
from fluid.kube import NAME_TAKEN, Forbidden, InformerFactory, Invalid, converge
from fluid.models import CronJob, Job
from fluid.types import KubeObject, fit

_WORKLOADS = (Job, CronJob)
_WORDS = 400
"""Characters of the API server's message that are reported."""


async def make(
    operation: KubeObject, seen: OperationSnapshot, objects: Sequence[KubeObject], apis: InformerFactory
) -> Refusal | None:
    """Creates what the pods of a workload mount, then the workload; returns why the API server refuses it.

    Scripts are never pruned: a run from before an edit may still have to start.

    Raises:
        KubeError: a retry may succeed. This includes Forbidden, as a quota may have room again, and Invalid
            for a name that another object has, as that object may be deleted.
    """
    scripts = [one for one in objects if not isinstance(one, _WORKLOADS)]
    report = await converge(scripts, seen.children, apis=apis)
    if not report.refused:
        workloads = [one for one in objects if isinstance(one, _WORKLOADS)]
        live = [one for one in seen.children if isinstance(one, _WORKLOADS)]
        report = await converge(workloads, live, apis=apis, owner_uid=operation.uid)
    if report.kept:
        raise report.kept[0][1]
    if not report.refused:
        return None
    obj, error = report.refused[0]
    if isinstance(error, Forbidden) or error.reason == NAME_TAKEN:
        raise error
    problem = f"{obj.resource.kind} {obj.key} is refused by the API server: {fit(error.message, _WORDS)}"
    message = f"{seen.id}: {problem}; correct its spec, or what stands against it"
    return Refusal(EXECUTION_FAILED, message, EXECUTION_FAILED)


def refused_for_now(seen: OperationSnapshot, error: Forbidden | Invalid) -> Pause:
    """The report while a quota, an admission plugin or a taken name keeps the workload from being created."""
    step = "ask the administrator for the right or the quota, or change the spec"
    message = f"{seen.id} waits, the API server refuses its workload: {fit(error.message, _WORDS)}"
    message += "" if error.reason == NAME_TAKEN else f"; {step}"
    return Pause(EXECUTION_FAILED, message, warning=True)
