"""The state of the cluster without what differs between two runs of the same story."""

import re
from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from bench.objects import NAMESPACE
from bench.view import NOT_OURS, OUR_LABELS
from fluid import models
from fluid.kube import Connection
from fluid.types import KubeObject

State = Mapping[str, str]
"""Values by object and path, such as ``Dataset bench/a .spec.placement``."""
_KINDS: tuple[type[KubeObject], ...] = (
    *(models.Dataset, models.JindoRuntime, models.StatefulSet, models.DaemonSet, models.Service),
    *(models.ConfigMap, models.PersistentVolume, models.PersistentVolumeClaim),
)
_VOLATILE = frozenset(
    {"uid", "resourceVersion", "creationTimestamp", "generation", "observedGeneration", "managedFields"}
    | {"lastTransitionTime", "lastUpdateTime", "lastProbeTime", "lastPhaseTransitionTime", "mountTime"}
    | {"setupDuration", "clusterIP", "clusterIPs", "currentRevision", "updateRevision", "collisionCount"}
    | {"data.fluid.io/desired-hash"}
)
_PORT = re.compile(r"\b1[89]\d{3}\b")
_TIME = re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(Z|\+00:00)")
_UID = re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")


async def take(connection: Connection) -> State:
    """The state now: all objects, the phases of all pods, the keys of Fluid's labels on nodes."""
    found: dict[str, str] = {}
    for kind in _KINDS:
        for obj in await connection.api(kind).list(namespace=NAMESPACE if kind.resource.namespaced else None):
            if obj.name != NOT_OURS:
                found.update(_leaves(f"{kind.__name__} {obj.key} ", obj.to_wire()))
    for pod in await connection.api(models.Pod).list(namespace=NAMESPACE):
        found[f"Pod {pod.key}"] = str(pod.status and pod.status.phase)
    for node in await connection.api(models.Node).list():
        found |= {f"label {key}": "" for key in node.metadata.labels or () if key.startswith(OUR_LABELS)}
    return found


def differences(expected: State, found: State) -> list[str]:
    """What differs, one line each."""
    paths = sorted(path for path in {*expected, *found} if expected.get(path) != found.get(path))
    return [f"{path}: {found.get(path)!r:.120}, expected {expected.get(path)!r:.120}" for path in paths]


def _leaves(path: str, value: JsonValue) -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for key, item in value.items():
                if key not in _VOLATILE:
                    yield from _leaves(f"{path}.{key}", item)
        case list():
            for number, item in enumerate(value):
                name = item.get("type", number) if isinstance(item, dict) else number
                yield from _leaves(f"{path}[{name}]", item)
        case _:
            yield path, _TIME.sub("TIME", _UID.sub("UID", _PORT.sub("PORT", str(value))))
