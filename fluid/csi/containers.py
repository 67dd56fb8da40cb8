"""Renews a volume inside running containers, whose mount namespaces no mount on the node reaches.

A container has a bind mount of its own of the FUSE file system that lived when it started. Only with
``mountPropagation: HostToContainer`` does a later mount arrive there by itself; in all others the new one is
put in place from a helper process that enters the container's mount namespace.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Protocol

import structlog
from anyio import to_thread

from fluid.csi.errors import ChangedError, HelperError
from fluid.csi.helper_pool import HelperPool
from fluid.csi.processes import Namespace, Scans

_MOST_NAMESPACES = 32
"""Mount namespaces of a pod that are looked into. Each container has one; a tenant can make any number."""
_LONGEST = 20.0
"""Seconds for the containers of one pod, until others have their turn."""
_log = structlog.get_logger("fluid.csi.containers")


@dataclass(frozen=True, slots=True)
class Renewal:
    """What is renewed.

    Attributes:
        folder: Where the new FUSE mount is.
        live: Its device.
        dead: The devices of those that are gone. The kernel may have given such a number again, to the root
            or /proc of a container that started meanwhile: only what is FUSE is meant.
        pod_uid: Whose containers.
    """

    folder: str
    live: str
    dead: frozenset[str]
    pod_uid: str


class Containers(Protocol):
    """Brings a renewed mount into the containers of a pod."""

    async def renew(self, renewal: Renewal) -> list[str]:
        """Renew in all containers of the pod; returns what went wrong, one sentence each."""
        ...


@dataclass(frozen=True)
class PropagatingContainers:
    """Leaves it to mount propagation: only containers whose volumeMount asks for it see the new mount."""

    async def renew(self, renewal: Renewal) -> list[str]:
        """Nothing to do, and nothing that could be seen from here."""
        del renewal
        return []


@dataclass(frozen=True)
class EnteredContainers:
    """Enters the containers' mount namespaces; needs the node's process ids (``hostPID``).

    Attributes:
        helpers: Enter and mount.
        scans: Find the namespaces.
    """

    helpers: HelperPool
    scans: Scans = field(default_factory=Scans)

    async def renew(self, renewal: Renewal) -> list[str]:
        """Renew in all containers of the pod; returns what went wrong, one sentence each."""
        namespaces = await self.scans.of(renewal.pod_uid)
        problems = _unlooked(namespaces)
        until = monotonic() + _LONGEST
        for namespace in namespaces[:_MOST_NAMESPACES]:
            if monotonic() > until:
                return [*problems, f"its containers took longer than {_LONGEST:g} s"]
            if await to_thread.run_sync(namespace.may_show, renewal.dead):
                problems += await self._renew(namespace, renewal)
        return problems

    async def _renew(self, namespace: Namespace, renewal: Renewal) -> list[str]:
        who = f"process {namespace.processes[0].name}"
        try:
            with namespace.opened(renewal.pod_uid, self.scans.pod_of) as entrance:
                if entrance is None:  # a container that ended needs nothing
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


def _unlooked(namespaces: Sequence[Namespace]) -> list[str]:
    """What is told of a pod that has more namespaces than are looked into."""
    if len(namespaces) <= _MOST_NAMESPACES:
        return []
    count = f"its processes are in {len(namespaces)} mount namespaces"
    return [f"{count}, of which {_MOST_NAMESPACES} are renewed"]
