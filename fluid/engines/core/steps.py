"""The steps that all caches share: an optional master, workers, FUSE clients, a volume, ConfigMaps."""

from functools import cached_property
from types import NoneType
from typing import Generic

from fluid.conditions import NOT_READY, find_condition
from fluid.engines.core import dataset_status, runtime_status
from fluid.engines.core.cache import Cache
from fluid.engines.core.checks import expect
from fluid.engines.core.pending_updates import Applied, pending_words, still_pending
from fluid.engines.core.plan import Notice, Plan, Waiting
from fluid.engines.core.queries import Results
from fluid.engines.core.readiness import Serving, readiness
from fluid.engines.core.render import RenderedCache, V
from fluid.engines.core.runtime_status import cache_affinity
from fluid.engines.core.settings import Settings
from fluid.engines.core.snapshot import R, Snapshot
from fluid.engines.core.statistics import (
    CALCULATING,
    Report,
    ReportRequest,
    count_is_due,
    count_sources,
    parse_human_size,
    percentage,
)
from fluid.engines.core.teardown import CleanUp, Teardown
from fluid.engines.core.upgrade import kept_claims
from fluid.engines.core.volume_lifecycle import Publication
from fluid.models import (
    APIGatewayStatus,
    HCFSStatus,
    Runtime,
    StatefulSet,
)
from fluid.types import KubeObject

OUTDATED = "UpdatePending"
KEPT = "VolumeUpdatePending"


class CacheSteps(Cache[R, V], Generic[R, V]):
    """The steps over one snapshot; see `EngineImplementation` for what each step is for."""

    def __init__(
        self,
        snapshot: Snapshot[R],
        results: Results,
        plan: Plan,
        settings: Settings,
        renderings: RenderedCache[V],
    ) -> None:
        super().__init__(snapshot, results, plan, settings, renderings)
        self.publication: Publication = Publication(snapshot, results, plan)
        self.unhealthy: Waiting | None = None
        self.workers_before: int = plan.status.worker_number_ready
        recorded = plan.status.desired_worker_number_scheduled if plan.status.worker_phase else None
        self.desired_before: int | None = recorded  # written last, so that every change is reported

    @cached_property
    def serving(self) -> Serving[R]:
        """What is found of the components in this pass."""
        return Serving(self.snapshot, self.results, self.plan, self.workloads.fuse)

    def validate(self) -> None:
        """Render everything, so that a spec that cannot work changes nothing; keep what is live."""
        self.plan.keep.update((child.resource.kind, child.name) for child in self.rendered)

    def setup_master(self) -> None:
        """Everything but the workers, which join a master that answers."""
        self.plan.children += [child for child in self.rendered if not self._is_workers(child)]
        self._record_names()
        if self.workloads.master:
            self._condition(
                "MasterInitialized", "Master is initialized", "The master is initialized.", once=True
            )

    def check_master_ready(self) -> bool:
        """Whether a master serves; a cache without one is never kept waiting."""
        self.serving.record_fuses()
        name = self.workloads.master
        return name is None or self.serving.record("master", name) is None

    def should_check_ufs(self) -> bool:
        """Whether somebody attaches the sources."""
        return self.mounting is not None

    def prepare_ufs(self) -> bool:
        """Attach the sources; True once all are."""
        return self.mounting is None or self.mounting.prepare()

    def setup_workers(self) -> None:
        """The workers, with as many replicas as the user wants."""
        self.plan.children += [child for child in self.rendered if self._is_workers(child)]
        if self.workloads.workers:
            self._condition(
                "WorkersInitialized", "Workers are initialized", "The workers are initialized.", once=True
            )

    def check_workers_ready(self) -> bool:
        """Whether at least one worker serves, if any is wanted."""
        name = self.workloads.workers
        if name is None:
            runtime_status.forget_workers(self.plan.status)
            return True
        return self.serving.record("workers", name) is None

    def check_and_update_runtime_status(self) -> bool:
        """Ask for the report during setup and when statistics are due; meanwhile the sources are counted."""
        self.sync_metadata()
        workers = next((child for child in self.rendered if self._is_workers(child)), None)
        self.plan.status.cache_affinity = (
            cache_affinity(workers) if isinstance(workers, StatefulSet) else None
        )
        report = Report(self.snapshot, self.results, self.plan)
        request = expect("report", self.report(), ReportRequest, NoneType)
        joined = self.plan.status.worker_number_ready != self.workers_before
        complete = report.take(request, joined=joined)
        self.unhealthy = self.unhealthy or report.unhealthy
        if request is None and self.unknown_states is not None:
            self.plan.status.cache_states = dict(self.unknown_states)
        return complete

    def bind_to_dataset(self) -> None:
        """Register the runtime with its Dataset."""
        runtime = self.snapshot.runtime
        self.plan.dataset_status.runtimes = [
            Runtime(
                name=runtime.name,
                namespace=runtime.namespace,
                category="Accelerate",
                type=self.runtime_type,
                master_replicas=self.workloads.masters,
            )
        ]
        if self.mounting is not None:
            self.mounting.bind()

    def create_pv(self) -> bool:
        """The volume; True once a claim can bind to it."""
        return self.publication.create_volume(self.volume_objects()[0])

    def create_pvc(self) -> bool:
        """The claim; True once it is Bound."""
        return self.publication.create_claim(self.volume_objects()[1])

    def delete_volume(self) -> bool:
        """Withdraw claim and volume; True once both are gone."""
        return self.publication.delete()

    def sync_metadata(self) -> None:
        """Add up size and number of the sources' files, in the background and off the way to Bound."""
        status, mounting = self.plan.dataset_status, self.mounting
        if mounting is None:
            status.mounts = status.ufs_total = status.file_num = None  # the engine has none
            return
        if not self.settings.query_ufs_total:
            return
        attached = not mounting.differ(status.mounts or ())
        if attached and not count_is_due(status, sampled=self.snapshot.sample_due):
            return
        count = self.counting
        if count is not None and attached:
            count_sources(count, self.plan, self.results)
        elif count is not None:
            status.ufs_total = status.file_num = CALCULATING  # counted when the cache has all mounts

    def sync_replicas(self) -> None:
        """Tell of a change in the number of workers; applying the workers makes it."""
        before, after = self.desired_before, self.workloads.replicas
        if before is None or before == after or not self.snapshot.registered:
            return
        into = "in" if after < before else "out"
        message = f"Workers scaled {into} from {before} replicas to {after} replicas."
        self._condition(f"WorkersScaled{into.title()}", f"Workers scaled {into}", message)
        self.plan.notices.append(Notice("Normal", "Succeed", f"Runtime scaled {into}: {message}"))

    def sync_runtime(self) -> None:
        """Applies all children; workloads that keep an earlier form are reported and never restarted."""
        self.plan.children = list(self.rendered)
        self._record_names()
        if (fuses := self.serving.fuse_pods) is not None:
            self.plan.delete += fuses.unready_outdated()
            self.plan.annotate_pods += fuses.pod_annotations()
        self._show_pending()

    def check_runtime_healthy(self) -> bool:
        """Whether master and workers serve; what does not is kept in `unhealthy`."""
        self.serving.record_fuses()
        master, workers = self.workloads.master, self.workloads.workers
        if self.plan.rejection is not None:
            master, workers = self._before_rejection(master, workers)
        for component, name in (("master", master), ("workers", workers)):
            if name is not None and (waiting := self.serving.record(component, name)) is not None:
                self.unhealthy = self.unhealthy or waiting
        if workers is None:
            runtime_status.forget_workers(self.plan.status)
        return self.unhealthy is None

    def update_cache_of_dataset(self) -> None:
        """Copy the cache's numbers and address to the Dataset."""
        self._record_percentage()
        self.plan.dataset_status.cache_states = dict(self.plan.status.cache_states or {})
        endpoint = expect("hcfs_endpoint", self.hcfs_endpoint(), str, NoneType)
        before = self.plan.dataset_status.hcfs or HCFSStatus(underlayer_file_system_version="")
        if endpoint is not None and before.endpoint != endpoint:
            self.plan.dataset_status.hcfs = before.model_copy(update={"endpoint": endpoint})

    def _record_percentage(self) -> None:
        """The share that is cached follows from two figures that come at different times."""
        states = self.plan.status.cache_states
        cached = parse_human_size((states or {}).get("cached", ""))
        if states and cached is not None:
            share = percentage(cached, parse_human_size(self.plan.dataset_status.ufs_total or ""))
            self.plan.status.cache_states = {**states, "cachedPercentage": share}

    def should_update_ufs(self) -> bool:
        """Whether the Dataset's mounts differ from what the cache and its pods have."""
        return self.mounting is not None and (self.mounting.differs or self.any_stale)

    def update_on_ufs_change(self) -> bool:
        """Tell running pods, replace those that cannot follow, then bring the cache up to date."""
        if self.mounting is None or not self.mounting.announce():
            return self.mounting is None
        return self.replace_stale() and self.mounting.update()

    def restore_ufs(self) -> None:
        """Give a cache that has lost them the mounts that the Dataset's status records."""
        if self.mounting is not None:
            self.mounting.restore()

    def update_dataset_status(self) -> None:
        """Compute the Dataset's phase from registration, health and publication."""
        quiet = self.unhealthy is None and not (self.plan.waiting and self.plan.waiting.problem)
        if quiet and not self.publication.bound and not self.snapshot.registered:
            self.plan.dataset_status = dataset_status.owned_part(self.snapshot.dataset)
            return  # registration and Bound are one write
        ready = readiness(
            self.snapshot, self.plan, self.serving.fuse_pods, lazy=self.workloads.master is None
        )
        dataset_status.record_bound(self.snapshot, self.plan, self.unhealthy, self.publication.bound, ready)

    def shutdown(self) -> bool:
        """Clean the cache within its grace, then labels and children."""
        return Teardown(self.snapshot, self.results, self.plan).run(
            expect("clean_up", self.clean_up(), CleanUp, NoneType)
        )

    def _is_workers(self, child: KubeObject) -> bool:
        return isinstance(child, StatefulSet) and child.name == self.workloads.workers

    def _before_rejection(self, master: str | None, workers: str | None) -> tuple[str | None, str | None]:
        """The components that there were, whatever a spec asks for that is not followed."""
        live = [child.name for child in self.snapshot.children if isinstance(child, StatefulSet)]
        had_master, had_workers = self.plan.status.master_phase, self.plan.status.worker_phase
        others = [name for name in live if name != master]
        return (
            master if master in live or had_master else None,
            workers if workers in live or had_workers else next(iter(others), None),
        )

    def _record_names(self) -> None:
        """What tools look up in the status; an adopted one has a selector that matches no pod."""
        self.plan.status.value_file = self.value_file
        self.plan.status.selector = self.workloads.worker_selector if self.workloads.workers else None
        gateway = expect("gateway_endpoint", self.gateway_endpoint(), str, NoneType)
        self.plan.status.api_gateway = APIGatewayStatus(endpoint=gateway) if gateway else None

    def _condition(self, kind: str, reason: str, message: str, *, once: bool = False) -> None:
        runtime_status.record_condition(
            self.plan.status, kind, reason, message, "True", self.snapshot.now, once=once
        )

    def _show_pending(self) -> None:
        """What of the specs is not in force yet: the fields as far as they are known, and the objects."""
        live, status = self.snapshot, self.plan.status
        generation = self.dataset.metadata.generation or 0
        applied = Applied(live.runtime, generation, self.rendering.children, live.pods)
        refused = find_condition(self.plan.dataset_status.conditions, NOT_READY)
        begins = self.plan.spec_changed or not live.registered or refused is not None
        applied.record(status, first=begins)
        kept = self._kept()
        if status.pending_updates is not None:
            pending = still_pending(status.pending_updates, live.pods, kept=kept is not None)
            status.pending_updates = pending or None
        outdated = runtime_status.outdated_pods(
            [live.statefulset(name) for name in (self.workloads.master, self.workloads.workers) if name],
            live.daemonset(self.workloads.fuse),
            live.pods,
        )
        told = [*filter(None, [outdated]), *pending_words(status.pending_updates or (), live.pods)]
        self._show(OUTDATED, "PodsOutdated", "; ".join(told) or None)
        self._show(KEPT, "VolumeOutdated", kept)

    def _kept(self) -> str | None:
        """What volume, claim and workers keep although the specs say otherwise by now."""
        sets = [one for one in self.rendering.children if isinstance(one, StatefulSet)]
        claims = [kept_claims(one, self.snapshot.statefulset(one.name)) for one in sets]
        found = [self.publication.outdated(*self.volume_objects()), *claims]
        return "; ".join(filter(None, found)) or None

    def _show(self, kind: str, reason: str, message: str | None) -> None:
        """A condition for as long as there is something to say."""
        runtime_status.show_condition(self.plan.status, kind, reason, message, self.snapshot.now)
