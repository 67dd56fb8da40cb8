"""Rules of every object: that the API server takes it, as far as that shows without one."""

import re
from collections.abc import Iterator

from pydantic import ValidationError
from pydantic_core import to_json

from fluid.engines.testing.rendering import Made
from fluid.engines.testing.rules.findings import found, pod_labels, workloads
from fluid.models import ConfigMap
from fluid.types import KubeObject
from fluid.types.untrusted import CONFIG_MAP, OBJECT

_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
_LABEL_KEY = re.compile(
    r"([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
)
_LABEL = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")


def stands_once(made: Made) -> Iterator[str]:
    """No two objects have the same kind and name: the second would overwrite the first in each pass."""
    seen: set[tuple[str, str]] = set()
    for item in made.objects:
        called = item.resource.kind, str(item.key)
        if called in seen:
            yield found(item, "is rendered twice: each pass would overwrite it", "Give one another name")
        seen.add(called)


def is_typed(made: Made) -> Iterator[str]:
    """Every object is what the schema of its kind says, and has no field that the schema does not know."""
    for item in made.objects:
        try:
            type(item).model_validate(item.to_wire())
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            yield found(item, f"has {where}: {first['msg']}", "Correct the field in the chart")
        for field in item.unknown_fields():
            yield found(
                item,
                f"has the field {field}, which Kubernetes does not know: it would be dropped without a word",
                "Correct its spelling in the chart",
            )


def has_valid_names(made: Made) -> Iterator[str]:
    """Names and labels have the form that the API server asks for."""
    for item in made.objects:
        if not _NAME.fullmatch(item.name):
            yield found(
                item, f"has the name {item.name[:80]!r}, which is none", "Derive it from the release's name"
            )
        yield from _wrong_labels(item, item.metadata.labels or {})
    for workload in workloads(made):
        yield from _wrong_labels(workload, pod_labels(workload))


def _wrong_labels(item: KubeObject, labels: dict[str, str]) -> Iterator[str]:
    for key, value in labels.items():
        if not _LABEL_KEY.fullmatch(key) or not _LABEL.fullmatch(value):
            yield found(
                item,
                f"has the label {key[:80]}={value[:80]!r}: the API server takes at most 63 letters, digits"
                " and `-_.`",
                "Refuse such a value with InvalidSpec, or shorten what the chart makes",
            )


def is_small_enough(made: Made) -> Iterator[str]:
    """No object is larger than etcd and the API server take."""
    for item in made.objects:
        data = item.data if isinstance(item, ConfigMap) else None
        size, most = len(to_json(item.to_wire())), OBJECT
        if data is not None:
            size, most = sum(len(text.encode()) for text in data.values()), CONFIG_MAP
        if size > most:
            yield found(
                item,
                f"has {size} bytes, and {most} are possible",
                "Count what it is made of before it is written, with refuse_heavy()",
            )
