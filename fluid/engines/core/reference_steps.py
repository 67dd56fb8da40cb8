"""The steps of a runtime whose Dataset refers to another one: no pods, a volume of the other one's cache.

Publishing follows consent: nothing is made before the other Dataset lists this one in `status.datasetRef`,
which the node plugin looks at too, and what was made is withdrawn when the other one allows it no longer.
"""

from functools import cached_property
from typing import Generic

from fluid.conditions import NOT_READY, REFERENCED_NOT_READY, find_condition
from fluid.engines.core import dataset_status
from fluid.engines.core.borrowed_volume import borrowed_claim, borrowed_volume, lends
from fluid.engines.core.plan import Notice, Plan, Waiting
from fluid.engines.core.queries import Results
from fluid.engines.core.references import Address, Obstacle, Referred, obstacle
from fluid.engines.core.settings import Settings
from fluid.engines.core.snapshot import R, Snapshot
from fluid.engines.core.volume_lifecycle import Publication
from fluid.models import Dataset, DatasetStatus, Mount, PersistentVolume, PersistentVolumeClaim, Runtime

SERVING = ("Bound", "Updating", "DataMigrating")
"""Phases of a Dataset in which pods read it."""
FIGURES = (
    *("cacheCapacity", "cached", "cachedPercentage"),
    *("cacheHitRatio", "localHitRatio", "remoteHitRatio"),
    *("cacheThroughputRatio", "localThroughputRatio", "remoteThroughputRatio"),
)
"""The statistics of the other Dataset's cache that a reference shows."""
MOST_TOLD = 16
"""Pods of one reference that get an event when it is revoked."""
_SERVES = "DatasetReady"
_LONGEST_FIGURE = 64


class ReferenceSteps(Generic[R]):
    """The steps over one snapshot; see `EngineImplementation` for what each step is for.

    Args:
        snapshot: the snapshot, with what the Dataset refers to.
        results: to queries of the steps.
        plan: what the steps fill in.
        settings: what the administrator set.
        runtime_type: the type of the runtime in the Dataset's status.
    """

    def __init__(
        self, snapshot: Snapshot[R], results: Results, plan: Plan, settings: Settings, runtime_type: str
    ) -> None:
        assert snapshot.referred is not None, "these steps are for references"
        self.snapshot = snapshot
        self.plan = plan
        self.settings = settings
        self.runtime_type = runtime_type
        self.referred: Referred = snapshot.referred
        self.publication: Publication = Publication(snapshot, results, plan)
        self.withdrawn: bool = False

    @property
    def id(self) -> str:
        """Namespace and name of the runtime."""
        return str(self.snapshot.runtime.key)

    @cached_property
    def obstacle(self) -> Obstacle | None:
        """Why the reference cannot be served now."""
        return obstacle(self.snapshot.runtime.key, self.referred, self.settings)

    @cached_property
    def volume_objects(self) -> tuple[PersistentVolume, PersistentVolumeClaim]:
        """Volume and claim as they are to be; only without an obstacle."""
        address, lender = self._address, self.referred.volume
        assert lender is not None, "without an obstacle there is a volume"
        known = (self.snapshot.identity, self._dataset, address, lender)
        return borrowed_volume(*known), borrowed_claim(*known)

    @property
    def withdraws(self) -> bool:
        """Whether what was published shows what it may not, or not what it is to show."""
        if self.obstacle is not None:
            return self.obstacle.forbids
        live, lender = self.publication.volume, self.referred.volume
        return live is not None and lender is not None and not lends(live, self._address, lender)

    def validate(self) -> None:
        """Nothing of the runtime's own spec counts."""

    def setup_master(self) -> None:
        """Nothing runs for a reference."""

    def check_master_ready(self) -> bool:
        """Whether the other Dataset is there, allows this one and is Bound.

        What it waits for is told by the controller of Datasets, which sees the same.
        """
        if self.withdraws:  # made before the status could say so
            self.publication.delete()
            self.plan.waiting = None
            return False
        return self.obstacle is None

    def should_check_ufs(self) -> bool:
        """There is nothing to mount."""
        return False

    def prepare_ufs(self) -> bool:
        """There is nothing to mount."""
        return True

    def setup_workers(self) -> None:
        """Nothing runs for a reference."""

    def check_workers_ready(self) -> bool:
        """Nothing runs for a reference."""
        return True

    def check_and_update_runtime_status(self) -> bool:
        """Nobody is asked: the figures are those of the other Dataset's status."""
        self.plan.sampled = True
        return True

    def bind_to_dataset(self) -> None:
        """Register the runtime with its Dataset, as one without a master."""
        runtime = self.snapshot.runtime
        self.plan.dataset_status.runtimes = [
            Runtime(
                name=runtime.name,
                namespace=runtime.namespace,
                category="Accelerate",
                type=self.runtime_type,
                master_replicas=0,
            )
        ]

    def create_pv(self) -> bool:
        """The volume, or the withdrawal of one that may not be; True once a claim can bind to it."""
        if self.withdraws:
            self.withdrawn = self.publication.delete()
            return False
        if self.obstacle is not None:
            return self.publication.bound
        if not self._is_listed and (self.publication.volume is None or self.publication.claim is None):
            self.plan.wait("ReferenceNotListed", f"Dataset {self._address.dataset} does not list it yet")
            return False
        return self.publication.create_volume(self.volume_objects[0])

    def create_pvc(self) -> bool:
        """The claim; True once it is Bound."""
        return self.obstacle is not None or self.publication.create_claim(self.volume_objects[1])

    def delete_volume(self) -> bool:
        """Withdraw claim and volume; True once both are gone."""
        return self.publication.delete()

    def sync_metadata(self) -> None:
        """Size and number of files are the other Dataset's."""

    def sync_replicas(self) -> None:
        """There are no workers."""

    def sync_runtime(self) -> None:
        """There are no children."""

    def check_runtime_healthy(self) -> bool:
        """Nothing of its own can fail."""
        self.plan.sampled = True
        return True

    def update_cache_of_dataset(self) -> None:
        """Show what may be known of the other Dataset: sizes, numbers and ratios, and nothing that names."""
        status, other = self.plan.dataset_status, self.referred.dataset
        shown = other.status if other is not None and not self.withdraws else None
        states = (shown.cache_states if shown else None) or {}
        known = {one: states[one] for one in FIGURES if _figure(states.get(one)) is not None}
        status.cache_states = known or None  # the API server takes no map whose last entry is withdrawn
        status.ufs_total = _figure(shown.ufs_total if shown else None)
        status.file_num = _figure(shown.file_num if shown else None)
        status.hcfs = None
        if not self.withdraws and self.referred.address is not None:
            mounts = [Mount(mount_point=str(self.referred.address), name=self._mount_name)]
            status.mounts = self.plan.status.mounts = mounts

    def should_update_ufs(self) -> bool:
        """There is nothing to mount."""
        return False

    def update_on_ufs_change(self) -> bool:
        """There is nothing to mount."""
        return True

    def restore_ufs(self) -> None:
        """A volume that may not be is withdrawn whatever else of the specs is refused."""
        if self.withdraws:
            self.withdrawn = self.publication.delete()

    def update_dataset_status(self) -> None:
        """Compute phase and Ready from consent, from the other Dataset's phase, and from the claim."""
        plan, waiting = self.plan, self._trouble
        if self.withdrawn:
            plan.dataset_status = self._unregistered(waiting)
        elif waiting is not None:
            dataset_status.record_setup_problem(self.snapshot, plan, waiting)
            self._tell_readers(waiting)
        elif not self.publication.bound and not self.snapshot.registered and not _is_problem(plan.waiting):
            plan.dataset_status = dataset_status.owned_part(self.snapshot.dataset)
        else:
            ready = dataset_status.Readiness("True", _SERVES, dataset_status.READY_MESSAGE)
            dataset_status.record_bound(self.snapshot, plan, None, self.publication.bound, ready)

    def shutdown(self) -> bool:
        """Nothing of its own is left."""
        return True

    @property
    def _dataset(self) -> Dataset:
        assert self.snapshot.dataset is not None, "a runtime without its Dataset is not served"
        return self.snapshot.dataset

    @property
    def _address(self) -> Address:
        assert self.referred.address is not None, "without an obstacle there is an address"
        return self.referred.address

    @property
    def _mount_name(self) -> str | None:
        mounts = self._dataset.spec.mounts
        return mounts[0].name if mounts else None

    @property
    def _is_listed(self) -> bool:
        """Whether the other Dataset's status names this one among those that read it."""
        other = self.referred.dataset
        listed = (other.status.dataset_ref if other is not None and other.status else None) or []
        return str(self.snapshot.runtime.key) in listed

    @property
    def _trouble(self) -> Waiting | None:
        """What is told of a reference that is not served, or not as it is to be."""
        reading = self.plan.waiting
        if self.obstacle is not None and self.obstacle.forbids:
            found = self.obstacle.waiting
            if reading is not None and reading.reason == "ClaimInUse":
                return Waiting(found.reason, f"{found.message}; meanwhile, {reading.message}", problem=True)
            return found
        if self.withdraws:
            words = "what was published before is withdrawn, as the Dataset refers to something else now"
            problem = reading is not None and reading.problem
            return Waiting("ReferenceChanging", f"{words}: {reading.message}" if reading else words, problem)
        if self.obstacle is not None:
            return self.obstacle.waiting
        return self._other_trouble

    def _tell_readers(self, waiting: Waiting) -> None:
        """Events of the pods that still read what may not be read any more; nothing is done to them."""
        if self.obstacle is None or not self.obstacle.forbids:
            return
        message = f"This pod reads on until it ends, and none after it: {self.obstacle.waiting.message}"
        for pod in [one for one in self.publication.readers if one.uid][:MOST_TOLD]:
            notice = Notice("Warning", waiting.reason, message, shown_by=NOT_READY, pod=pod)
            self.plan.notices.append(notice)

    @property
    def _other_trouble(self) -> Waiting | None:
        """What is wrong with the other Dataset, without its words: they may name what is not to be known."""
        status = self.referred.dataset.status if self.referred.dataset else None
        phase, name = (status.phase if status else None) or "new", self._address.dataset
        if phase not in SERVING:
            return Waiting(REFERENCED_NOT_READY, f"Dataset {name} is {phase}: its condition Ready says why")
        ready = find_condition(status.conditions if status else None, "Ready")
        if ready is not None and ready.status == "False":
            message = f"Dataset {name} is {phase} and not Ready: its condition Ready says why"
            return Waiting(REFERENCED_NOT_READY, message)
        return None

    def _unregistered(self, waiting: Waiting | None) -> DatasetStatus:
        """The status of a reference whose volume is gone: nobody is registered until it is served again."""
        if self.obstacle is None or waiting is None:  # it only changes what it shows
            return dataset_status.owned_part(self.snapshot.dataset)
        status, dataset = DatasetStatus(conditions=[], phase="NotBound"), self._dataset
        status.observed_generation = dataset.metadata.generation
        before = find_condition(dataset.status.conditions if dataset.status else None, "Ready")
        status.conditions = [before] if before else []
        now = self.snapshot.now
        dataset_status.record_condition(
            status, "Ready", waiting.reason, waiting.message, "False", dataset, now
        )
        return status


def _is_problem(waiting: Waiting | None) -> bool:
    return waiting is not None and waiting.problem


def _figure(text: str | None) -> str | None:
    return text if text is not None and len(text) <= _LONGEST_FIGURE else None
