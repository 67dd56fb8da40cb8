"""Renews a volume inside running containers, whose mount namespaces a mount on the node does not reach.

A container has a bind mount of its own, of the FUSE file system that served the volume when the container
started. Only with ``mountPropagation: HostToContainer`` does a later mount propagate into it. For all other
containers, a helper process enters the container's mount namespace and attaches the new mount there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Protocol

import structlog
from anyio import to_thread

from fluid.csi.errors import ChangedError, HelperError
from fluid.csi.helper_pool import HelperPool
from fluid.csi.mount_namespaces import MountNamespace, NamespaceScans

_MOST_NAMESPACES = 32
"""Mount namespaces of a pod that are renewed. Each container has one; a tenant can create any number."""
_LONGEST = 20.0
"""Seconds for the containers of one pod, so that other pods get their turn."""
_log = structlog.get_logger("fluid.csi.containers")


@dataclass(frozen=True, slots=True)
class Renewal:
    """What to renew in the containers of a pod.

    Attributes:
        folder: Path of the new FUSE mount.
        live: Device of the new FUSE mount.
        dead: Devices of the mounts to replace. Only FUSE mounts of these devices are meant: the kernel may
            have reused a number for the root or /proc of a container that started since.
        pod_uid: UID of the pod.
    """

    folder: str
    live: str
    dead: frozenset[str]
    pod_uid: str


class Containers(Protocol):
    """Brings a renewed mount into the containers of a pod."""

    async def renew(self, renewal: Renewal) -> list[str]:
        """Renew in all containers of the pod; returns one sentence for each failure."""
        ...


@dataclass(frozen=True)
class PropagatingContainers:
    """Does nothing: only containers whose volumeMount asks for propagation see the new mount."""

    async def renew(self, renewal: Renewal) -> list[str]:
        """Return no failure: none can be seen from the node."""
        del renewal
        return []


@dataclass(frozen=True)
class EnteredContainers:
    """Renews inside the containers' mount namespaces; needs the node's process ids (``hostPID``).

    Attributes:
        helpers: Run the helpers that enter the namespaces.
        scans: Finds the namespaces of a pod.
    """

    helpers: HelperPool
    scans: NamespaceScans = field(default_factory=NamespaceScans)

    async def renew(self, renewal: Renewal) -> list[str]:
        """Renew in all containers of the pod; returns one sentence for each failure."""
        namespaces = await self.scans.of(renewal.pod_uid)
        problems = _left_out(namespaces)
        until = monotonic() + _LONGEST
        for namespace in namespaces[:_MOST_NAMESPACES]:
            if monotonic() > until:
                return [*problems, f"its containers took longer than {_LONGEST:g} s"]
            if await to_thread.run_sync(namespace.may_show, renewal.dead):
                problems += await self._renew(namespace, renewal)
        return problems

    async def _renew(self, namespace: MountNamespace, renewal: Renewal) -> list[str]:
        who = f"process {namespace.processes[0].name}"
        try:
            with namespace.opened(renewal.pod_uid, self.scans.pod_of) as entrance:
                if entrance is None:  # a container that ended needs no renewal
                    gone = f"{who}: nothing of its mount namespace is there any more"
                    return [] if namespace.all else [gone]
                dead = ",".join(sorted(renewal.dead))
                where = (renewal.folder, renewal.live, dead)
                told = await self.helpers.run(
                    "renew", str(entrance), *where, device=renewal.live, descriptors=(entrance,)
                )
        except ChangedError as error:
            return [str(error)]
        except (HelperError, OSError) as error:
            return [f"{who}: {error}"] if namespace.lives() else []
        if told["problems"]:
            return [f"{who}: {told['problems']}"]
        _log.info("renewed in a container", process=namespace.processes[0].name, pod=renewal.pod_uid)
        return []


def _left_out(namespaces: Sequence[MountNamespace]) -> list[str]:
    """The failure of a pod that has more mount namespaces than are renewed; empty for others."""
    if len(namespaces) <= _MOST_NAMESPACES:
        return []
    count = f"its processes are in {len(namespaces)} mount namespaces"
    return [f"{count}, of which {_MOST_NAMESPACES} are renewed"]
