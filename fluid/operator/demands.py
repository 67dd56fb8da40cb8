"""The kinds that runtime policies judge at admission, and what an object of each demands of nodes."""

from collections.abc import Iterator
from dataclasses import dataclass

from fluid.engines.core.demands import PATHS, Demands, annotation, together
from fluid.engines.core.registry import Registry
from fluid.engines.core.spec_demands import operation_demands, runtime_demands
from fluid.kinds.installed import installed
from fluid.models import Dataset
from fluid.types import Resource

_MOUNTS = "object.?spec.?mounts.orValue([])"
_LOCAL = f"{_MOUNTS}.filter(one, one.mountPoint.startsWith('local://')).map(one, one.mountPoint.substring(8))"
_HOST_VOLUME = "fluid.fuse.hostvolume"
_OPTIONS = f"({_MOUNTS}.filter(one, has(one.options)).map(one, one.options) + [?object.?spec.?sharedOptions])"
_HOST_VOLUMES = (
    f"{_OPTIONS}.filter(one, '{_HOST_VOLUME}' in one).map(one, one['{_HOST_VOLUME}'].split(':')[0])"
    ".filter(one, one != '')"
)


@dataclass(frozen=True)
class Judged:
    """A kind that is judged.

    Attributes:
        resource: The kind.
        demands: What an object of it demands; a rule about anything else does not concern it.
        profile: The kind of what `spec.profileName` names; None if it has no such field.
        carries: Whether one with an empty spec stands beside a Dataset that refers to another, without pods.
    """

    resource: Resource
    demands: Demands
    profile: Resource | None = None
    carries: bool = False

    @property
    def conditions(self) -> dict[str, str]:
        """When an object is judged, as CEL expressions by name: all of them have to hold.

        An empty spec of a kind that carries references passes, for the operator writes such ones. Should it
        be no reference, the operator judges the pods.
        """
        empty = {"demanding": "size(dyn(object).?spec.orValue({})) != 0"} if self.carries else {}
        return {"changed": self.changed, **empty}

    @property
    def changed(self) -> str:
        """Whether anything is written that is judged."""
        specs = "object.?spec.orValue({}) != oldObject.?spec.orValue({})"
        others = [f"{annotation(one)} != {annotation(one, 'oldObject')}" for one in self.demands.annotations]
        return together(["request.operation == 'CREATE'", specs, *others], "||")


def judged_kinds(registry: Registry) -> Iterator[Judged]:
    """All kinds by which a user can demand something of nodes, and what each can."""
    yield Judged(Dataset.resource, Demands({PATHS: f"{_LOCAL} + {_HOST_VOLUMES}"}))
    for engine in registry.engines.values():
        known = installed().of_model(engine.kind)
        profile = known.profile if known else None
        found = runtime_demands(engine.kind, profiled=profile is not None).with_more(engine.demands)
        carries = engine.carries_references is not None
        yield Judged(engine.kind.resource, found, profile.resource if profile else None, carries)
    for operation in registry.operations.values():
        found = operation_demands(operation.kind).with_more(operation.demands)
        if found.variables:
            yield Judged(operation.kind.resource, found)
