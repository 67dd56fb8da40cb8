"""Who reads a claim: one list of a namespace's pods for all that ask at about the same time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import anyio

from fluid.kube import Connection, InformerFactory
from fluid.models import Pod
from fluid.naming import MANAGED_BY

POD_FIELDS = (
    "spec.nodeName",
    "spec.containers[].name",
    "spec.volumes[].name",
    "spec.volumes[].persistentVolumeClaim",
    "status.phase",
)
"""What is kept of a pod: the claims that it uses, where, whether it has ended; names that none lacks."""
_INSTANCE = "app.kubernetes.io/instance"


def serves(labels: Mapping[str, str], claim: str) -> bool:
    """Whether a pod with these labels is of the runtime behind a claim, and so goes with it.

    Pods of other runtimes may use the claim like anybody's: as a source (``pvc://``), or as a volume that
    their user added.
    """
    return labels.get(MANAGED_BY) == "fluid" and labels.get(_INSTANCE) == claim


@dataclass
class _Listing:
    """The lists of one namespace: how many were begun, and what the last one brought."""

    lock: anyio.Lock = field(default_factory=anyio.Lock)
    begun: int = 0
    good: int = 0
    """The number of the list that `pods` is from."""
    pods: Sequence[Pod] = ()


class PodLists:
    """Lists pods for many at once.

    Nobody gets a list that began before they asked. So whoever asks while one is under way shares the next
    one with all others who do: a crowd of deletions costs two lists at a time, not one each.
    """

    def __init__(self, apis: Connection | InformerFactory) -> None:
        self._apis = apis
        self._listings: dict[str, _Listing] = {}

    async def of(self, namespace: str) -> Sequence[Pod]:
        """All pods of a namespace, Fluid's own among them.

        Raises:
            KubeError: they cannot be listed.
            Malformed: one of them cannot be read, so nobody knows what it uses.
        """
        listing = self._listings.setdefault(namespace, _Listing())
        asked = listing.begun
        try:
            async with listing.lock:
                if listing.good <= asked:  # else one began after we asked, and has brought something
                    number = listing.begun = listing.begun + 1
                    listing.pods = await self._apis.api(Pod).list(
                        namespace=namespace, strict=True, keep=POD_FIELDS
                    )
                    listing.good = number
                return listing.pods
        finally:
            if not listing.lock.statistics().tasks_waiting and not listing.lock.locked():
                self._listings.pop(namespace, None)
