"""Finding in a model what its objects demand of nodes: images, directories and pods anywhere in the spec."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import UnionType
from typing import Annotated, Union, get_args, get_origin

from pydantic.alias_generators import to_camel

from fluid.engines.core import demands
from fluid.engines.core.demands import (
    CRITICAL,
    HOST_NETWORK,
    HOST_PID,
    IMAGES,
    OVERRIDDEN,
    PATHS,
    PRIVILEGED,
    Demands,
)
from fluid.engines.core.policy_check import BASELINE_CAPABILITIES, SYSTEM_PRIORITY
from fluid.engines.core.runtime_policy import TEMPLATE_FIELDS
from fluid.models import Container, HostPathVolumeSource, Level, PodSpec, Volume
from fluid.naming import FUSE_HOST_PID, WORKER_PRIVILEGED
from fluid.types import KubeModel, KubeObject

_DEEPEST = 6
"""Levels below the spec that are looked at."""
_BASELINE = ", ".join(f"'{one}'" for one in BASELINE_CAPABILITIES)
_POWERS = (
    "variables.{0}.exists(one, one.?securityContext.?privileged.orValue(false)"
    " || one.?securityContext.?procMount.orValue('Default') != 'Default'"
    f" || one.?securityContext.?capabilities.?add.orValue([]).exists(two, !(two in [{_BASELINE}])))"
)


@dataclass
class _Found:
    """CEL expressions of what stands in a spec; each is absent if a part of its path is."""

    components: list[str] = field(default_factory=list[str])
    """Parts that have an image."""
    component_lists: list[str] = field(default_factory=list[str])
    networks: list[str] = field(default_factory=list[str])
    """Fields `networkMode`."""
    pods: list[str] = field(default_factory=list[str])
    paths: list[str] = field(default_factory=list[str])
    volumes: list[str] = field(default_factory=list[str])
    containers: list[str] = field(default_factory=list[str])
    levels: list[str] = field(default_factory=list[str])


def runtime_demands(model: type[KubeObject], *, profiled: bool) -> Demands:
    """What a spec of a runtime says; FUSE pods have to be privileged, so privileges are judged on pods alone.

    Args:
        model: The kind.
        profiled: Whether its runtimes name a profile, which policies may require.
    """
    found = _found_in(model)
    variables = _common(found)
    variables[HOST_PID] = demands.together(
        [demands.annotated(FUSE_HOST_PID), *([variables[HOST_PID]] if found.pods else [])], "||"
    )
    variables[PRIVILEGED] = demands.annotated(WORKER_PRIVILEGED)
    if profiled:
        own = demands.set_fields("variables.components", TEMPLATE_FIELDS)
        volumes = [f"({one}.hasValue() ? ['volumes'] : [])" for one in found.volumes]
        variables[OVERRIDDEN] = demands.together([own, *volumes], "+")
    return Demands(variables, (FUSE_HOST_PID, WORKER_PRIVILEGED))


def operation_demands(model: type[KubeObject]) -> Demands:
    """What a spec of a data operation says."""
    found = _found_in(model)
    variables = _common(found)
    if found.pods or found.containers:
        ipc = [f"{one}.?hostIPC.orValue(false)" for one in _names(found)]
        variables[PRIVILEGED] = demands.together([*ipc, _POWERS.format("containers")], "||")
    return Demands(variables)


def _common(found: _Found) -> dict[str, str]:
    """What is judged of every kind; further pods of a spec are `pod2` and so on."""
    pods = _names(found)
    lists = [f"{one}.orValue([])" for one in found.volumes]
    lists += [f"{one}.?volumes.orValue([])" for one in pods]
    listed = [f"{one}.orValue([])" for one in found.containers]
    listed += [f"{one}.?{name}.orValue([])" for one in pods for name in ("containers", "initContainers")]
    parts = [f"[{', '.join(f'?{one}' for one in found.components)}]"] if found.components else []
    parts += [f"{one}.orValue([])" for one in found.component_lists]
    images = [demands.versioned("variables.components")] if parts else []
    images += ["variables.containers.map(one, one.?image.orValue(''))"] if listed else []
    images += [demands.volume_images(one) for one in lists]
    paths = [demands.volume_paths(one) for one in lists]
    paths += [f"[{', '.join(f'?{one}.?path' for one in found.paths)}]"] if found.paths else []
    paths += [demands.tier_paths(f"{one}.orValue([])") for one in found.levels]
    network = [f"{one}.orValue('') == 'HostNetwork'" for one in found.networks]
    network += [f"{one}.?hostNetwork.orValue(false)" for one in pods]
    critical = [f"[?{one}.?priorityClassName]" for one in pods]
    variables = {
        **{
            one.removeprefix("variables."): f"{path}.orValue({{}})"
            for one, path in zip(pods, found.pods, strict=True)
        },
        "components": demands.together(parts, "+"),
        "containers": demands.together(listed, "+"),
        IMAGES: demands.together(images, "+"),
        PATHS: demands.together(paths, "+"),
        HOST_PID: demands.together([f"{one}.?hostPID.orValue(false)" for one in pods], "||"),
        HOST_NETWORK: demands.together(network, "||"),
        CRITICAL: _of_the_system(critical),
    }
    return {name: expression for name, expression in variables.items() if expression}


def _of_the_system(classes: Sequence[str]) -> str:
    if not classes:
        return ""
    return f"({demands.together(classes, '+')}).filter(one, one.startsWith('{SYSTEM_PRIORITY}'))"


def _names(found: _Found) -> list[str]:
    """The variables of pods."""
    return [f"variables.pod{number if number > 1 else ''}" for number in range(1, len(found.pods) + 1)]


def _found_in(model: type[KubeObject]) -> _Found:
    found = _Found()
    spec = model.model_fields.get("spec")
    for kind, many in _types(spec.annotation) if spec else ():
        if not many:
            _note(kind, "object.?spec", found)
            _walk(kind, "object.?spec", found, _DEEPEST)
    return found


def _walk(model: type[KubeModel], path: str, found: _Found, left: int) -> None:
    """Note what stands below a part of the spec, in the order of its fields."""
    for name, info in model.model_fields.items():
        inner = f"{path}.?{info.alias or to_camel(name)}"
        if name == "network_mode":
            found.networks.append(inner)
        for kind, many in _types(info.annotation):
            if _note_leaf(kind, inner, found, many=many) or many:
                continue
            _note(kind, inner, found)
            if left:
                _walk(kind, inner, found, left - 1)


def _note_leaf(kind: type[KubeModel], path: str, found: _Found, *, many: bool) -> bool:
    """Whether a part is one that needs no further look; it is noted."""
    places: dict[tuple[type[KubeModel], bool], list[str]] = {
        (Volume, True): found.volumes,
        (Container, True): found.containers,
        (Level, True): found.levels,
        (PodSpec, False): found.pods,
        (HostPathVolumeSource, False): found.paths,
    }
    place = places.get((kind, many))
    if place is None and many and "image" in kind.model_fields:
        place = found.component_lists
    if place is not None:
        place.append(path)
    return place is not None


def _note(kind: type[KubeModel], path: str, found: _Found) -> None:
    image = kind.model_fields.get("image")
    if image is not None and str in (image.annotation, *get_args(image.annotation)):
        found.components.append(path)


def _types(annotation: object) -> Iterator[tuple[type[KubeModel], bool]]:
    """The models that a field may have, and whether as a list."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _types(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        for one in get_args(annotation):
            yield from _types(one)
    elif origin is list:
        yield from ((kind, True) for kind, _ in _types(get_args(annotation)[0]))
    elif isinstance(annotation, type) and issubclass(annotation, KubeModel):
        yield annotation, False
