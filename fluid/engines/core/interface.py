"""The contract between the generic runtime reconciler and a cache system's engine.

An engine decides and never acts. A pass hands it one frozen `Snapshot` snapshot and the `Results`
to the queries that it asked before; its steps fill in a `Plan`; the reconciler carries the plan
out. Every method is therefore synchronous and free of side effects: the same snapshot and results
give the same plan, which is what the property tests drive.
"""

from typing import Protocol


class UnderFileSystem(Protocol):
    """What is known of the sources behind the cache; None while it is not known."""

    def used_storage_bytes(self) -> int | None:
        """Bytes that the sources' files occupy."""
        ...

    def free_storage_bytes(self) -> int | None:
        """Bytes that the sources can still take."""
        ...

    def total_storage_bytes(self) -> int | None:
        """Bytes that the sources hold in all."""
        ...

    def total_file_nums(self) -> int | None:
        """Number of files in the sources."""
        ...


class Engine(Protocol):
    """One runtime's engine in one pass."""

    @property
    def id(self) -> str:
        """Namespace and name of the runtime, for logs."""
        ...

    def setup(self) -> bool:
        """Bring the cache up; True once it serves and is registered with its Dataset."""
        ...

    def create_volume(self) -> bool:
        """Publish the cache as a PersistentVolume and its claim; True once the claim is Bound."""
        ...

    def sync(self) -> None:
        """Follow changes of the specs and of the world; keep the status true."""
        ...

    def sync_degraded(self) -> None:
        """Keep what runs going and the status true, while the specs ask for what cannot be."""
        ...

    def delete_volume(self) -> bool:
        """Withdraw claim and volume; True once both are gone."""
        ...

    def shutdown(self) -> bool:
        """Clean the cache, the labels and the children; True once nothing is left to wait for."""
        ...


class EngineImplementation(Protocol):
    """The steps that a cache system's author writes; `CacheEngine` has defaults for most.

    `should_*` are queries, the rest are actions on the plan; a bool says whether to go on.
    """

    @property
    def id(self) -> str: ...  # noqa: D102 - see Engine
    def validate(self) -> None:
        """Raise `InvalidSpec` for a runtime and Dataset that can never work."""
        ...

    def should_setup_master(self) -> bool: ...  # noqa: D102 - the names say it: §5 of the design
    def setup_master(self) -> None: ...  # noqa: D102
    def check_master_ready(self) -> bool: ...  # noqa: D102
    def should_check_ufs(self) -> bool: ...  # noqa: D102
    def prepare_ufs(self) -> bool: ...  # noqa: D102
    def should_setup_workers(self) -> bool: ...  # noqa: D102
    def setup_workers(self) -> None: ...  # noqa: D102
    def check_workers_ready(self) -> bool: ...  # noqa: D102
    def check_and_update_runtime_status(self) -> bool: ...  # noqa: D102
    def bind_to_dataset(self) -> None: ...  # noqa: D102
    def create_pv(self) -> bool: ...  # noqa: D102
    def create_pvc(self) -> bool: ...  # noqa: D102
    def delete_volume(self) -> bool: ...  # noqa: D102
    def sync_metadata(self) -> None: ...  # noqa: D102
    def sync_replicas(self) -> None: ...  # noqa: D102
    def sync_runtime(self) -> None: ...  # noqa: D102
    def check_runtime_healthy(self) -> bool: ...  # noqa: D102
    def update_cache_of_dataset(self) -> None: ...  # noqa: D102
    def should_update_ufs(self) -> bool: ...  # noqa: D102
    def update_on_ufs_change(self) -> bool: ...  # noqa: D102
    def restore_ufs(self) -> None:
        """Give a cache that has lost them the mounts that the Dataset's status records."""
        ...

    def sync_schedule_info_to_cache_nodes(self) -> None: ...  # noqa: D102
    def update_dataset_status(self) -> None: ...  # noqa: D102
    def assign_nodes_to_cache(self) -> frozenset[str]: ...  # noqa: D102
    def shutdown(self) -> bool: ...  # noqa: D102
