"""Writing labels of a node so that one that is refused takes no other along."""

from collections.abc import Mapping
from itertools import islice

from pydantic import JsonValue

from fluid.kube import Api, Forbidden, Invalid
from fluid.models import Node

Refusal = Invalid | Forbidden


async def write_labels(
    api: Api[Node], node: Node, changes: Mapping[str, str | None]
) -> tuple[Node, dict[str, Refusal]]:
    """Change labels in one request; only if that is refused, those of them that are not refused.

    Args:
        api: access to nodes.
        node: as it is; the write fails if it is another by now.
        changes: labels to be; None removes one.

    Returns:
        The node as it is then, and what the API server says of each label that it refuses.

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
