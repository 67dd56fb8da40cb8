"""The order of an engine's steps: the same for every cache system."""

from fluid.engines.interface import EngineImplementation


class TemplateEngine:
    """An `Engine` over an `EngineImplementation`: master, sources, workers, status, binding.

    Every step runs in every pass and looks at what is there, so a pass can be cut short anywhere
    and the next one goes on; `False` from a step means that a watch will wake us.
    """

    def __init__(self, implementation: EngineImplementation) -> None:
        self.implementation = implementation

    @property
    def id(self) -> str:
        """Namespace and name of the runtime."""
        return self.implementation.id

    def setup(self) -> bool:
        """Bring up master, sources and workers in that order; True once bound to the Dataset."""
        steps = self.implementation
        steps.validate()
        if steps.should_setup_master():
            steps.setup_master()
        if not steps.check_master_ready():
            return False
        if steps.should_check_ufs() and not steps.prepare_ufs():
            return False
        if steps.should_setup_workers():
            steps.setup_workers()
        if not steps.check_workers_ready():
            return False
        if not steps.check_and_update_runtime_status():
            return False
        steps.bind_to_dataset()
        return True

    def create_volume(self) -> bool:
        """The volume first; the claim once the volume is Available, so that it binds at once."""
        return self.implementation.create_pv() and self.implementation.create_pvc()

    def sync(self) -> None:
        """Follow spec changes, then health, then statistics; the Dataset's status comes last."""
        steps = self.implementation
        steps.sync_metadata()
        steps.sync_replicas()
        steps.sync_runtime()
        if steps.check_runtime_healthy():
            steps.check_and_update_runtime_status()
            if steps.should_update_ufs():
                steps.update_on_ufs_change()
        steps.update_cache_of_dataset()
        steps.sync_schedule_info_to_cache_nodes()
        steps.update_dataset_status()

    def delete_volume(self) -> bool:
        """Claim first, then volume; True once both are gone."""
        return self.implementation.delete_volume()

    def shutdown(self) -> bool:
        """Clean cache, node labels and children; True once nothing is left to wait for."""
        return self.implementation.shutdown()
