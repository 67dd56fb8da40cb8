"""The steps of a runtime's life, as the runtime development guide names them, and the contract of mounts.

`passes` has the order of the steps. A step decides and never acts. A pass hands an engine one frozen
`Snapshot` and the `Results` of the queries that it asked before; the steps fill in a `Plan`; the reconciler
applies the plan. Every step is therefore synchronous and free of side effects: the same snapshot and results
give the same plan, which is what the property tests drive.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from fluid.models import Mount, PersistentVolume, PersistentVolumeClaim
from fluid.types import KubeObject


@runtime_checkable
class Renderable(Protocol):
    """An engine whose objects are known without a cluster, as `fluid render` prints them."""

    def render(self) -> Sequence[KubeObject]:
        """All children, complete; raises `InvalidSpec` for what can never work."""
        ...

    def volume_objects(self) -> tuple[PersistentVolume, PersistentVolumeClaim]:
        """Volume and claim that publish the cache."""
        ...


class EngineImplementation(Protocol):
    """One runtime's engine in one pass; after a step that returns False a watch wakes the runtime."""

    @property
    def id(self) -> str:
        """Namespace and name of the runtime, for logs."""
        ...

    def validate(self) -> None:
        """Raise `InvalidSpec` for a runtime and Dataset that can never work; keep what is live."""
        ...

    def setup_master(self) -> None:
        """Everything but the workers, which join a master that answers."""
        ...

    def check_master_ready(self) -> bool:
        """Whether a master serves, if there is to be one."""
        ...

    def should_check_ufs(self) -> bool:
        """Whether the sources have to be attached before the workers come."""
        ...

    def prepare_ufs(self) -> bool:
        """Attach them; True once all are."""
        ...

    def setup_workers(self) -> None:
        """The workers, with as many replicas as the user wants."""
        ...

    def check_workers_ready(self) -> bool:
        """Whether at least one worker serves, if any is wanted."""
        ...

    def check_and_update_runtime_status(self) -> bool:
        """Takes the report of the cache; True once there is one."""
        ...

    def bind_to_dataset(self) -> None:
        """Register the runtime with its Dataset."""
        ...

    def create_pv(self) -> bool:
        """The volume; True once a claim can bind to it."""
        ...

    def create_pvc(self) -> bool:
        """The claim; True once it is Bound."""
        ...

    def delete_volume(self) -> bool:
        """Withdraw claim and volume; True once both are gone."""
        ...

    def sync_metadata(self) -> None:
        """Size and number of the sources' files."""
        ...

    def sync_replicas(self) -> None:
        """Reports a change in the number of workers."""
        ...

    def sync_runtime(self) -> None:
        """Apply all children."""
        ...

    def check_runtime_healthy(self) -> bool:
        """Whether master and workers serve."""
        ...

    def update_cache_of_dataset(self) -> None:
        """Copy the cache's numbers and address to the Dataset."""
        ...

    def should_update_ufs(self) -> bool:
        """Whether the Dataset's mounts differ from what the cache serves."""
        ...

    def update_on_ufs_change(self) -> bool:
        """Make the cache serve them; True once it does."""
        ...

    def restore_ufs(self) -> None:
        """Give a cache that has lost them the mounts that the Dataset's status records."""
        ...

    def update_dataset_status(self) -> None:
        """Compute the Dataset's phase from registration, health and publication."""
        ...

    def shutdown(self) -> bool:
        """Clean the cache, delete the children, wait for the nodes' labels; True once nothing is left."""
        ...


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
        """Announces a change to pods, before those that cannot follow it are replaced; False to wait."""
        return True

    @abstractmethod
    def update(self) -> bool:
        """Make the cache serve the Dataset's mounts, and record them; True once it does."""

    def restore(self) -> None:  # noqa: B027 - some caches lose nothing
        """Give a cache that has lost them the mounts that the Dataset's status records.

        It is called while the specs cannot be followed, and does not read them.
        """
