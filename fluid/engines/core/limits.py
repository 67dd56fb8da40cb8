"""Limits of specs: counted before objects are built from them, and measured before objects are sent.

A Dataset of 1 MB can ask for gigabytes, as shared options stand at each of its mounts. What no API server
would take is refused here, with the field that makes it large.
"""

from collections.abc import Iterator, Sequence

from pydantic import BaseModel, JsonValue
from pydantic_core import to_json

from fluid.charts.text import impossible
from fluid.engines.core.errors import InvalidSpec, NamedObject, Subject, Whose
from fluid.models import ConfigMap, Dataset
from fluid.types import KubeModel, KubeObject
from fluid.types.untrusted import CONFIG_MAP, MOUNT_OPTIONS, OBJECT
from fluid.types.weight import weight

_FIX = "Shorten it, or divide the Dataset: nothing is made meanwhile"
_STATUS = 32 * 1024
"""Bytes of a Dataset's status besides its mounts."""


def refuse_many_options(dataset: Dataset) -> None:
    """Make sure that the options of all mounts can be held, shared ones at each mount.

    Raises:
        InvalidSpec: They are too many.
    """
    spec, mounts = dataset.spec, dataset.spec.mounts or []
    shared = len(spec.shared_options or ()) + len(spec.shared_encrypt_options or ())
    own = sum(len(mount.options or ()) + len(mount.encrypt_options or ()) for mount in mounts)
    if shared * len(mounts) + own > MOUNT_OPTIONS:
        few = shared * len(mounts) <= own
        raise InvalidSpec(
            Whose.DATASET,
            "spec.mounts" if few else "spec.sharedOptions",
            f"{shared} shared options at {len(mounts)} mounts, and {own} of the mounts themselves, are more"
            f" than the {MOUNT_OPTIONS} that a Dataset may have",
            "Remove options that not all mounts need, or divide the Dataset",
        )


def refuse_large_status(dataset: Dataset) -> None:
    """Make sure that a Dataset's status can list its mounts beside the spec that has them.

    Raises:
        InvalidSpec: Both do not fit into one object.
    """
    places = [(one.mount_point, one.path, one.name) for one in dataset.spec.mounts or []]
    recorded = weight(places, OBJECT)
    if recorded + _STATUS + weight(dataset.spec, OBJECT) > OBJECT:
        raise InvalidSpec(
            Whose.DATASET,
            "spec.mounts",
            f"the addresses, which the status repeats, and the spec take more than {OBJECT} bytes",
            _FIX,
        )


def refuse_heavy(values: BaseModel, specs: Sequence[KubeObject]) -> None:
    """Make sure, before anything is written, that a ConfigMap can hold some values.

    Args:
        values: What is going to be written.
        specs: The objects that they come from, for the message.

    Raises:
        InvalidSpec: It cannot.
    """
    if (found := weight(values, CONFIG_MAP)) > CONFIG_MAP:
        raise _too_large(f"what is made of it takes at least {found} bytes", CONFIG_MAP, specs)


def refuse_oversized(objects: Sequence[KubeObject], specs: Sequence[KubeObject]) -> None:
    """Make sure that the API server takes some objects, as far as their size goes.

    Args:
        objects: What would be sent.
        specs: The objects that they come from, for the message.

    Raises:
        InvalidSpec: One is too large; the message names it, and the field that makes it so.
    """
    for item in objects:
        if isinstance(item, ConfigMap):
            size, most = sum(len(text.encode()) for text in (item.data or {}).values()), CONFIG_MAP
        else:
            size, most = len(to_json(item.to_wire())), OBJECT
        if size > most:
            raise _too_large(f"{item.resource.kind} {item.name} would have {size} bytes", most, specs)


def _too_large(what: str, most: int, specs: Sequence[KubeObject]) -> InvalidSpec:
    subject, field, size = _heaviest(specs)
    return InvalidSpec(subject, field, f"takes {size} bytes, and {what}; {most} are possible", _FIX)


def _heaviest(specs: Sequence[KubeObject]) -> tuple[Subject, str, int]:
    """The field that most of the bytes come from, and the object that has it."""
    found: list[tuple[int, int, NamedObject, str]] = []
    for item in specs:
        spec = getattr(item, "spec", None)
        if not isinstance(spec, KubeModel):
            continue
        times = len(item.spec.mounts or ()) if isinstance(item, Dataset) else 1
        for name, part in spec.to_wire().items():
            size = weight(part, OBJECT)
            often = max(times, 1) if name in ("sharedOptions", "sharedEncryptOptions") else 1
            found.append((size * often, size, NamedObject.of(item), f"spec.{name}"))
    _, size, subject, field = max(found, default=(0, 0, Whose.RUNTIME, "spec"))
    return subject, field, size


def refuse_impossible(subject: Subject, spec: KubeModel) -> None:
    """Make sure that every string of a spec can be written down.

    Raises:
        InvalidSpec: One has a NUL or half a character; the message names the field.
    """
    for path in _impossible(spec.to_wire(), "spec"):
        raise InvalidSpec(subject, path, "contains a NUL, which no Kubernetes object can hold", "Remove it")


def _impossible(value: JsonValue, path: str) -> Iterator[str]:
    if isinstance(value, str):
        if impossible(value):
            yield path
    elif isinstance(value, dict):
        for key, item in value.items():
            if impossible(key):
                yield f"{path}[{key[:40]!r}]"
            yield from _impossible(item, f"{path}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _impossible(item, f"{path}[{index}]")
