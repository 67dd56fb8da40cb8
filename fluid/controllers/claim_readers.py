"""Which pods read a claim: callers that ask at about the same time share one list of the namespace's pods."""

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
"""What is kept of a pod: its claims, node and phase, and the fields that the model requires."""
_INSTANCE = "app.kubernetes.io/instance"


def serves(labels: Mapping[str, str], claim: str) -> bool:
    """Whether a pod with these labels belongs to the runtime behind a claim, and is deleted with it.

    Pods of other runtimes may use the claim as any pod does: as a source (``pvc://``), or as a volume that
    a user added.
    """
    return labels.get(MANAGED_BY) == "fluid" and labels.get(_INSTANCE) == claim


@dataclass
class _Listing:
    """The lists of one namespace: how many were started, and the result of the last one."""

    lock: anyio.Lock = field(default_factory=anyio.Lock)
    begun: int = 0
    good: int = 0
    """The number of the list that `pods` is from."""
    pods: Sequence[Pod] = ()


class PodLists:
    """Lists pods for many callers at once.

    No caller gets a list that started before its call. Callers that arrive while a list is running share the
    next one, so many simultaneous deletions cost two lists, not one each.
    """

    def __init__(self, apis: Connection | InformerFactory) -> None:
        self._apis = apis
        self._listings: dict[str, _Listing] = {}

    async def of(self, namespace: str) -> Sequence[Pod]:
        """All pods of a namespace, Fluid's own among them.

        Raises:
            KubeError: they cannot be listed.
            Malformed: one of them cannot be read, so the claims that it uses are unknown.
        """
        listing = self._listings.setdefault(namespace, _Listing())
        asked = listing.begun
        try:
            async with listing.lock:
                if listing.good <= asked:  # otherwise a list that started after this call has succeeded
                    number = listing.begun = listing.begun + 1
                    listing.pods = await self._apis.api(Pod).list(
                        namespace=namespace, strict=True, keep=POD_FIELDS
                    )
                    listing.good = number
                return listing.pods
        finally:
            if not listing.lock.statistics().tasks_waiting and not listing.lock.locked():
                self._listings.pop(namespace, None)
