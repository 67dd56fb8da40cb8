"""Sending the workload of an operation to the API server."""

from collections.abc import Sequence

from fluid.controllers.operations.outcomes import EXECUTION_FAILED, Pause, Refusal
from fluid.controllers.operations.snapshot import OperationSnapshot
from fluid.kube import NAME_TAKEN, Forbidden, InformerFactory, Invalid, converge
from fluid.models import CronJob, Job
from fluid.types import KubeObject, fit

_WORKLOADS = (Job, CronJob)
_WORDS = 400
"""Characters of the API server's words that are told."""


async def make(
    operation: KubeObject, seen: OperationSnapshot, objects: Sequence[KubeObject], apis: InformerFactory
) -> Refusal | None:
    """Make a workload, and before it what its pods mount; or why the API server does not take it.

    Scripts are never pruned: a run from before an edit may still have to start.

    Raises:
        KubeError: trying again may help; so it does with Forbidden, where a quota may have room again, and
            with Invalid, where a name belongs to somebody else, who may give it up.
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
    """What is told while a quota, an admission plugin or a name that is taken stands against the workload."""
    step = "ask the administrator for the right or the quota, or change the spec"
    message = f"{seen.id} waits, the API server refuses its workload: {fit(error.message, _WORDS)}"
    message += "" if error.reason == NAME_TAKEN else f"; {step}"
    return Pause(EXECUTION_FAILED, message, warning=True)
