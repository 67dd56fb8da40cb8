"""Who reads a claim: one list of a namespace's pods for all that ask at about the same time."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import anyio

from fluid.kube import Connection, Informers
from fluid.models import Pod
from fluid.naming import MANAGED_BY

FOREIGN = f"{MANAGED_BY}!=fluid"
"""Selects the pods that can hold a claim: Fluid's own pods serve it and do not use it."""


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

    def __init__(self, apis: Connection | Informers) -> None:
        self._apis = apis
        self._listings: dict[str, _Listing] = {}

    async def of(self, namespace: str) -> Sequence[Pod]:
        """The pods of a namespace that are not ours.

        Raises:
            KubeError: they cannot be listed.
        """
        listing = self._listings.setdefault(namespace, _Listing())
        asked = listing.begun
        try:
            async with listing.lock:
                if listing.good <= asked:  # else one began after we asked, and has brought something
                    number = listing.begun = listing.begun + 1
                    listing.pods = await self._apis.api(Pod).list(namespace=namespace, labels=FOREIGN)
                    listing.good = number
                return listing.pods
        finally:
            if not listing.lock.statistics().tasks_waiting and not listing.lock.locked():
                self._listings.pop(namespace, None)
