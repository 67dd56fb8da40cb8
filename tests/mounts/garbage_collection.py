"""The garbage collector of a node in a folder, and what it finds there."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from fluid.csi.garbage_collector import GarbageCollector
from fluid.csi.locks import Locks
from fluid.csi.records import Records
from fluid.kube import Backoff
from tests.mounts.support import VOLUME, Plugin


@dataclass
class Interrupted(Locks):
    """Locks before which something else happens.

    Attributes:
        first: What, given the key.
    """

    first: Callable[[str], object] = str

    @asynccontextmanager
    async def hold(self, key: str) -> AsyncGenerator[None]:
        self.first(key)
        async with super().hold(key):
            yield


def collector(
    calls: Plugin,
    first: Callable[[str], object] | None = None,
    first_of_volume: Callable[[str], object] | None = None,
) -> GarbageCollector:
    """One whose locks of targets, or of volumes, come late."""
    staging, publishing = calls.node.staging, calls.node.publishing
    if first:
        publishing = replace(publishing, locks=Interrupted(first=first))
    if first_of_volume:
        staging = replace(staging, locks=Interrupted(first=first_of_volume))
    return GarbageCollector(staging, publishing, calls.watch, calls.machine.kubelet, soon=Backoff(base=0.01))


def describe(calls: Plugin) -> None:
    """The PersistentVolume, by which a volume is known that nothing is noted of."""
    source = {
        "driver": "fuse.csi.fluid.io",
        "volumeHandle": VOLUME,
        "volumeAttributes": calls.machine.attributes(),
    }
    calls.server.put("v1/persistentvolumes", {"metadata": {"name": VOLUME}, "spec": {"csi": source}})


async def published_unnoted(calls: Plugin, target: Path) -> Records:
    """A target of an earlier plugin: mounted, and nothing is noted of it nor of its volume."""
    await calls.publish(target)
    records = calls.node.publishing.records
    records.forget_target(VOLUME, str(target))
    records.forget(VOLUME)
    return records
