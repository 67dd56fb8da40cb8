"""The last log line of a container."""

from fluid.kube.connection import Connection
from fluid.types import Key

_DEADLINE = 5.0
_LONGEST = 4096


async def last_line(connection: Connection, pod: Key, container: str) -> str:
    """The last complete or incomplete line of a container's log, without its end; "" if there is none.

    Args:
        connection: to the API server, which asks the kubelet of the pod's node.
        pod: the pod.
        container: its container, running or ended.

    Raises:
        KubeError: it cannot be read.
    """
    path = f"/api/v1/namespaces/{pod.namespace}/pods/{pod.name}/log"
    query = {"container": container, "tailLines": "1", "limitBytes": str(_LONGEST)}
    body = await connection.request(
        "GET", path, query=query, accept="*/*", deadline=_DEADLINE, limit=2 * _LONGEST
    )
    return body.decode(errors="replace").strip()
