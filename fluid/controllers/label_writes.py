"""Writes labels of a node so that a refused label does not block the others."""

from collections.abc import Mapping
from itertools import islice

from pydantic import JsonValue

from fluid.kube import Api, Forbidden, Invalid
from fluid.models import Node

Refusal = Invalid | Forbidden


async def write_labels(
    api: Api[Node], node: Node, changes: Mapping[str, str | None]
) -> tuple[Node, dict[str, Refusal]]:
    """Changes labels in one request; if it is refused, writes those labels that are accepted.

    Args:
        api: access to nodes.
        node: the node as read; the write fails if it was replaced meanwhile.
        changes: desired values by label; None removes a label.

    Returns:
        The node after the write, and the API server's reason for each refused label.

    Raises:
        KubeError: nothing could be written for another reason.
    """
    labels: dict[str, JsonValue] = {**changes}
    metadata: dict[str, JsonValue] = {"resourceVersion": node.metadata.resource_version, "labels": labels}
    try:
        return await api.merge(node.key, {"metadata": metadata}), {}
    except (Invalid, Forbidden) as error:
        if len(changes) == 1:
            return node, dict.fromkeys(changes, error)
    half = len(changes) // 2
    first, second = islice(changes.items(), half), islice(changes.items(), half, None)
    node, refused = await write_labels(api, node, dict(first))
    node, more = await write_labels(api, node, dict(second))
    return node, refused | more
