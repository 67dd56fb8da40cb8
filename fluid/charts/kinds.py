"""From ``apiVersion`` and ``kind`` to the typed model."""

from pydantic import JsonValue, ValidationError

from fluid.charts.text import ChartError
from fluid.kinds.installed import installed
from fluid.types import KubeObject


def model_of(document: JsonValue) -> type[KubeObject]:
    """The model of a document.

    Raises:
        ChartError: It is no object, or of a kind that has no model; the message lists what is there.
    """
    if not isinstance(document, dict):
        raise ChartError("a document is not a mapping with apiVersion and kind")
    found = str(document.get("apiVersion")), str(document.get("kind"))
    kinds = installed()
    if model := kinds.models.get(found):
        return model
    known = ", ".join(sorted(kind for _, kind in kinds.models))
    refused = "".join(f"; {one.reason}" for one in kinds.problems)
    raise ChartError(f"unknown kind {found[1]} of {found[0]}; known kinds are {known}{refused}")


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
