"""From ``apiVersion`` and ``kind`` to the typed model."""

from collections.abc import Mapping
from functools import cache

from pydantic import JsonValue, ValidationError

import fluid.models
from fluid.charts.text import ChartError
from fluid.types import KubeObject


@cache
def known_kinds() -> Mapping[tuple[str, str], type[KubeObject]]:
    """All models of top-level kinds by ``apiVersion`` and ``kind``."""
    kinds: dict[tuple[str, str], type[KubeObject]] = {}
    for name in fluid.models.__all__:
        model: object = getattr(fluid.models, name)
        if isinstance(model, type) and issubclass(model, KubeObject) and "resource" in vars(model):
            kinds[model.resource.api_version, model.resource.kind] = model
    return kinds


def model_of(document: JsonValue) -> type[KubeObject]:
    """The model of a document.

    Raises:
        ChartError: It is no object, or of a kind that has no model; the message lists what is there.
    """
    if not isinstance(document, dict):
        raise ChartError("a document is not a mapping with apiVersion and kind")
    found = str(document.get("apiVersion")), str(document.get("kind"))
    if model := known_kinds().get(found):
        return model
    known = ", ".join(sorted(kind for _, kind in known_kinds()))
    raise ChartError(f"unknown kind {found[1]} of {found[0]}; known kinds are {known}")


def typed(document: JsonValue) -> KubeObject:
    """A document as the typed object of its kind.

    Raises:
        ChartError: Unknown kind, or a field does not fit; the message names its path.
    """
    model = model_of(document)
    try:
        return model.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        path = ".".join(str(part) for part in first["loc"])
        raise ChartError(f"{model.__name__}: {path}: {first['msg']}") from None
