"""The objects of a runtime that come from its chart, and the ConfigMap with the chart's values."""

import re

from pydantic import JsonValue

from fluid.charts import ChartError, ChartValues, Release, load_chart
from fluid.charts.text import to_yaml
from fluid.engines.errors import InvalidSpec
from fluid.models import ConfigMap, ObjectMeta, OwnerReference
from fluid.naming import DATASET_ID, MANAGED_BY, Identity
from fluid.types import KubeObject
from fluid.types.yaml import load_yaml

_LONGEST = 1024  # more than any image's address has
_PLAIN = re.compile(r"[A-Za-z0-9._:/@-]+")
# Numbers to YAML 1.2 and to Go's reader, though text to YAML 1.1: `1e3`, `0o17`, `.5`.
_NUMBER = re.compile(r"-?(0[box][0-9a-f]+|(\.[0-9]+|[0-9]+(\.[0-9]*)?)(e-?[0-9]+)?)", re.IGNORECASE)
# Only YAML 1.1 of the letter takes these for booleans; readers differ.
_LETTERS = frozenset("yYnN")


def values_name(runtime: str, implementation: str) -> str:
    """Name of the ConfigMap with all values, which `status.valueFile` records."""
    return f"{runtime}-{implementation}-values"


def chart_objects(
    chart: str,
    implementation: str,
    values: ChartValues,
    identity: Identity,
    owner: OwnerReference | None,
    kind: str,
) -> list[KubeObject]:
    """All objects in the runtime's namespace, each controlled by the runtime.

    Args:
        chart: Name of the chart.
        implementation: Name of the engine implementation.
        values: The chart's values; the workers' replicas are those in it.
        identity: Names and labels of the Dataset.
        owner: Controller reference to the runtime; None where there is no cluster.
        kind: Kind of the runtime, for messages.

    Raises:
        InvalidSpec: What the user adds collides with what is there, such as two volumes at one path.
    """
    release = Release(identity.name, identity.namespace)
    try:
        rendered = load_chart(chart).render(values, release)
        objects = [*rendered, values_config_map(implementation, values, identity)]
    except ChartError as error:
        raise InvalidSpec(
            f"{kind} {identity.namespace}/{identity.name}", str(error), "Change its spec"
        ) from None
    if owner is not None:
        for item in objects:
            item.metadata.owner_references = [owner]
    return objects


def values_config_map(implementation: str, values: ChartValues, identity: Identity) -> ConfigMap:
    """The ConfigMap with the values; tools read the lines `image:` and `imageTag:` of it."""
    return ConfigMap(
        metadata=ObjectMeta(
            name=values_name(identity.name, implementation),
            namespace=identity.namespace,
            labels={DATASET_ID: identity.dataset_id, MANAGED_BY: "fluid"},
        ),
        data={"data": "".join(f"{key}: {_scalar(value)}\n" for key, value in values.to_values().items())},
    )


def _scalar(value: JsonValue) -> str:
    """A value on one line, without quotes where they can be spared: the tools cut lines at the colon."""
    return value if isinstance(value, str) and _needs_no_quotes(value) else to_yaml(value)


def _needs_no_quotes(text: str) -> bool:
    """Whether every reader of YAML takes these characters as they are for the same text."""
    if len(text) > _LONGEST or not _PLAIN.fullmatch(text) or _NUMBER.fullmatch(text) or text in _LETTERS:
        return False
    try:
        return load_yaml(f"key: {text}\n") == [{"key": text}]
    except ValueError:
        return False
