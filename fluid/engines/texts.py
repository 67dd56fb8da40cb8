"""Texts that no Kubernetes object can hold."""

from collections.abc import Iterator

from pydantic import JsonValue

from fluid.charts.text import impossible
from fluid.engines.errors import InvalidSpec
from fluid.types import KubeModel


def refuse_impossible(kind: str, spec: KubeModel) -> None:
    """Make sure that every string of a spec can be written down.

    Raises:
        InvalidSpec: One has a NUL or half a character; the message names the kind and the field.
    """
    for path in _impossible(spec.to_wire(), "spec"):
        raise InvalidSpec(
            f"{kind} {path}", "contains a NUL, which no Kubernetes object can hold", "Remove it"
        )


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
