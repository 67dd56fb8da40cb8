"""How a Dataset's sources get into a cache: the contract between the steps and a way of mounting."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from fluid.models import Mount


class Mounting(ABC):
    """The sources of one Dataset in one pass; `fluid.engines.kit` has the ways of doing it.

    The steps call `prepare` during setup, `bind` when the runtime is registered with its Dataset, and from
    then on `announce` and `update` whenever `differs`.
    """

    def prepare(self) -> bool:
        """Attach the sources before the workers come; True once all are."""
        return True

    def bind(self) -> None:  # noqa: B027 - nothing is left to record for some
        """Record what is mounted, as the runtime is being registered."""

    @property
    @abstractmethod
    def differs(self) -> bool:
        """Whether the cache, a pod or a status lags behind the Dataset's mounts."""

    @abstractmethod
    def differ(self, mounts: Sequence[Mount]) -> bool:
        """Whether some mounts are not exactly those of the Dataset."""

    def announce(self) -> bool:
        """Tell running pods of a change, before those are replaced that cannot follow it; False to wait."""
        return True

    @abstractmethod
    def update(self) -> bool:
        """Make the cache serve the Dataset's mounts, and record them; True once it does."""

    def restore(self) -> None:  # noqa: B027 - some caches lose nothing
        """Give a cache that has lost them the mounts that the Dataset's status records.

        Called while the specs cannot be followed; they are not looked at.
        """
