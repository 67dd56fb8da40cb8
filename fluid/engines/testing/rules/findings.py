"""How findings are worded, and what several rules look at."""

from collections.abc import Callable, Iterator
from posixpath import normpath

from fluid.engines.core.errors import NamedObject
from fluid.engines.testing.rendering import Made
from fluid.models import Container, DaemonSet, PodSpec, PodTemplateSpec, StatefulSet
from fluid.types import KubeObject

Rule = Callable[[Made], Iterator[str]]
"""Yields a sentence for each place where a rule is broken."""
Workload = StatefulSet | DaemonSet


def found(item: KubeObject, problem: str, fix: str) -> str:
    """A finding.

    Args:
        item: The object that is wrong.
        problem: What is wrong and why it matters, as the rest of a sentence after the object.
        fix: What to change, as a sentence without its full stop.
    """
    return f"{NamedObject.of(item)} {problem}. {fix}."


def workloads(made: Made) -> list[Workload]:
    """All rendered workloads."""
    return [one for one in made.objects if isinstance(one, StatefulSet | DaemonSet)]


def template_of(workload: Workload) -> PodTemplateSpec | None:
    """The pod template of a workload."""
    return workload.spec.template if workload.spec else None


def pod_of(workload: Workload) -> PodSpec:
    """The pods of a workload."""
    template = template_of(workload)
    return (template.spec if template else None) or PodSpec(containers=[])


def containers_of(workload: Workload) -> list[Container]:
    """All containers of a workload's pods, those that come first included."""
    pod = pod_of(workload)
    return [*(pod.init_containers or ()), *pod.containers]


def pod_labels(workload: Workload) -> dict[str, str]:
    """The labels of a workload's pods."""
    template = template_of(workload)
    return (template.metadata.labels if template and template.metadata else None) or {}


def is_within(path: str, directory: str) -> bool:
    """Whether a path is a directory or below it, whatever its spelling."""
    whole, root = normpath(path), normpath(directory)
    return whole == root or whole.startswith(f"{root}/")
