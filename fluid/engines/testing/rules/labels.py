"""Rules of names, labels, selectors and owners: how an engine's objects are found."""

from collections.abc import Iterator, Mapping

from fluid.engines.testing.rendering import Made
from fluid.engines.testing.rules.findings import found, pod_labels, workloads
from fluid.models import StatefulSet
from fluid.naming import DATASET_ID, MANAGED_BY, WORKER_DATASET, WORKER_PLACEMENT
from fluid.types import KubeObject


def has_components(made: Made) -> Iterator[str]:
    """Masters and workers are StatefulSets of the names that `components()` gives, and there is no other."""
    named = {"master": made.components.master, "workers": made.components.workers}
    for field, name in named.items():
        if name is not None and made.find(StatefulSet, name) is None:
            yield found(
                made.runtime,
                f"gets no StatefulSet {name!r}, which components() names: setup would wait for it for ever",
                f"Give the StatefulSet of the chart that name, or correct Components.{field}",
            )
    for workload in workloads(made):
        if workload.name not in {*named.values(), made.components.fuse}:
            yield found(
                workload,
                "is none of the workloads that components() names: nobody would wait for it or tell of it",
                "Name it in components(), or take it out of the chart",
            )


def is_managed(made: Made) -> Iterator[str]:
    """Every object has the labels by which the operator's watches and an administrator's tools find it."""
    wanted = {MANAGED_BY: "fluid", DATASET_ID: made.identity.dataset_id}
    for child in made.children:
        yield from _missing(child, child.metadata.labels or {}, wanted, "it")
    for workload in workloads(made):
        yield from _missing(workload, pod_labels(workload), wanted, "its pods")


def has_release_and_role(made: Made) -> Iterator[str]:
    """Workloads and their pods say which release they are of and what they do."""
    for workload in workloads(made):
        for labels, whose in ((workload.metadata.labels or {}, "it"), (pod_labels(workload), "its pods")):
            yield from _missing(workload, labels, {"release": made.runtime.name}, whose)
            if not labels.get("role"):
                yield found(
                    workload,
                    f"has no label `role` on {whose}: nobody can ask for masters, workers or FUSE pods alone",
                    "Add a role such as `hello-worker` to the labels in the chart",
                )


def selects_its_pods(made: Made) -> Iterator[str]:
    """The selector of a workload matches the labels of its own pods."""
    for workload in workloads(made):
        wanted = (workload.spec.selector.match_labels if workload.spec else None) or {}
        labels = pod_labels(workload)
        if not wanted:
            yield found(workload, "selects no labels", "Write `selector: {matchLabels: ...}` in the chart")
        for key, value in wanted.items():
            if labels.get(key) != value:
                yield found(
                    workload,
                    f"selects pods with {key}={value}, and its template has {labels.get(key)!r} there: the"
                    " API server"
                    " refuses it",
                    "Use the same labels in matchLabels and in the template",
                )


def has_own_pods(made: Made) -> Iterator[str]:
    """No two workloads select each other's pods."""
    every = workloads(made)
    for one in every:
        wanted = ((one.spec.selector.match_labels if one.spec else None) or {}).items()
        for other in every:
            if other is not one and wanted and wanted <= pod_labels(other).items():
                yield found(
                    one,
                    f"selects the pods of {other.resource.kind} {other.key} too: it would end them as its"
                    " own",
                    "Add `role` to its matchLabels",
                )


def tells_of_workers(made: Made) -> Iterator[str]:
    """Pods of workers have the labels that mark their nodes, and those that `components()` selects."""
    workers = made.find(StatefulSet, made.components.workers)
    if workers is None:
        return
    labels = pod_labels(workers)
    yield from _missing(workers, labels, {WORKER_DATASET: made.identity.dataset_id}, "its pods")
    if WORKER_PLACEMENT not in labels:
        yield found(
            workers,
            f"has no label {WORKER_PLACEMENT} on its pods: workers of another Dataset may come to their node",
            "Add it with the Dataset's placement, as fluid.engines.api.placement gives it",
        )
    for part in filter(None, made.components.worker_selector.split(",")):
        key, _, value = part.partition("=")
        if labels.get(key) != value:
            yield found(
                workers,
                f"has pods with {key}={labels.get(key)!r}, and Components.worker_selector asks for"
                f" {part!r}: `kubectl"
                " scale` and autoscalers would find none",
                "Use labels of the workers' template in worker_selector",
            )


def has_owner(made: Made) -> Iterator[str]:
    """Every child has the runtime as its controller, in the runtime's namespace."""
    for child in made.children:
        owners = child.metadata.owner_references or ()
        if not any(one.controller and one.uid == made.runtime.uid for one in owners):
            yield found(
                child,
                f"is not controlled by {made.runtime.resource.kind} {made.runtime.key}: it would be left"
                " behind when"
                " that is deleted",
                "Render it in the chart, which sets the owner, or set snapshot.owner_reference()",
            )
        if child.namespace != made.runtime.namespace:
            yield found(
                child,
                f"is not in the namespace {made.runtime.namespace!r} of its runtime: an owner of another"
                " namespace does"
                " not count",
                "Write `namespace: {{ Release.namespace }}` in the chart",
            )


def _missing(
    item: KubeObject, labels: Mapping[str, str], wanted: Mapping[str, str], whose: str
) -> Iterator[str]:
    for key, value in wanted.items():
        if labels.get(key) != value:
            yield found(
                item,
                f"has the label {key}={labels.get(key)!r} on {whose}, not {value!r}: the operator and"
                " tools would"
                " not find it",
                "Add the label in the chart; `labels.jinja` of the chart library has those of Fluid",
            )
