"""The JindoCache engine: what is particular to it, on top of the steps that all caches share."""

from collections.abc import Sequence
from functools import cached_property

from fluid.engines.description import Workloads
from fluid.engines.errors import SpecWarning
from fluid.engines.interface import Answers, Exec, Notice, Observed, Plan
from fluid.engines.jindo.children import values_name
from fluid.engines.jindo.commands import Commands, parse_report
from fluid.engines.jindo.counting import CountedSources
from fluid.engines.jindo.rendered import RenderedCache, Rendering
from fluid.engines.jindo.tiers import reported_medium
from fluid.engines.jindo.topology import master, worker
from fluid.engines.jindo.ufs import MountingEngine, incarnation
from fluid.engines.jindo.values import base_name
from fluid.engines.report import CacheReport
from fluid.engines.rolling import Rolling, keep_baseline
from fluid.engines.settings import Settings
from fluid.engines.sizes import CALCULATING, human_size
from fluid.engines.teardown import CleanPolicy
from fluid.models import (
    CleanCachePolicy,
    DaemonSet,
    JindoRuntime,
    PersistentVolume,
    PersistentVolumeClaim,
    StatefulSet,
)
from fluid.types import KubeObject

WARNED = "SpecWarning"
"""Condition of the runtime that lists what is done in a way worth a word."""


class JindoEngine(MountingEngine):
    """JindoCache: masters that mount sources by command, workers, FUSE clients."""

    runtime_type = "jindo"

    def __init__(
        self,
        observed: Observed[JindoRuntime],
        answers: Answers,
        plan: Plan,
        settings: Settings,
        renderings: RenderedCache,
    ) -> None:
        super().__init__(observed, answers, plan, settings)
        self.base: str = base_name(observed.runtime.name)
        self.renderings = renderings
        self.rolling: Rolling = Rolling(observed, answers, plan)

    @property
    def workloads(self) -> Workloads:
        """Names of the workloads."""
        return Workloads(f"{self.base}-master", f"{self.base}-worker", f"{self.base}-fuse")

    @property
    def value_file(self) -> str:
        """Name of the values ConfigMap."""
        return values_name(self.observed.runtime.name)

    @property
    def replicas(self) -> int:
        """Workers that the user wants; none unless said."""
        return 0 if worker(self.observed.runtime).disabled else self.observed.runtime.spec.replicas or 0

    @property
    def master_replicas(self) -> int:
        """What the spec says, as it is recorded at binding."""
        return master(self.observed.runtime).replicas or 1

    @property
    def worker_selector(self) -> str:
        """Label selector of the workers' pods."""
        return f"app=jindofs,release={self.observed.runtime.name},role=jindofs-worker"

    @property
    def commands(self) -> Commands:
        """Questions to the first master, as it lives now, about the Dataset as it is now."""
        name = f"{self.base}-master"
        generation = self.observed.dataset.metadata.generation if self.observed.dataset else None
        life = incarnation(self.observed.pod(f"{name}-0"))
        return Commands(self.observed.runtime.namespace, name, f"{life}/{generation}")

    @cached_property
    def rendering(self) -> Rendering:
        """Everything rendered, from the cache when nothing that matters has changed."""
        return self.renderings.render(self.observed, self.answers, self.plan, self.settings)

    def render(self) -> Sequence[KubeObject]:
        """All children."""
        self._warn(self.rendering.warnings)
        return [self._with_baseline(child) for child in self.rendering.children]

    def volume_objects(self) -> tuple[PersistentVolume, PersistentVolumeClaim]:
        """Volume and claim that publish the cache."""
        return self.rendering.volume, self.rendering.claim

    def report_question(self) -> Exec | None:
        """`jindocache -report`; nobody to ask without a master."""
        return None if self.masterless else self.commands.report()

    def parse_report(self, text: str) -> CacheReport | None:
        """Capacity and use of the first tier's medium."""
        return parse_report(text, reported_medium(self.observed.runtime))

    def clean_question(self) -> Exec | None:
        """`jindocache -formatCache`, while a master can do it."""
        workload = self.observed.statefulset(f"{self.base}-master")
        ready = workload.status.ready_replicas if workload and workload.status else 0
        return (
            self.commands.format_cache(max(1.0, self.clean_policy.grace))
            if ready and not self.masterless
            else None
        )

    @property
    def clean_policy(self) -> CleanPolicy:
        """As the spec has it."""
        policy = self.observed.runtime.spec.clean_cache_policy or CleanCachePolicy()
        return CleanPolicy(float(policy.grace_period_seconds), policy.max_retry_attempts)

    def hcfs_endpoint(self) -> str | None:
        """Address of the first master for Hadoop clients."""
        if self.masterless:
            return "N/A"
        port = self.rendering.values.ports.master_rpc
        return f"{self.base}-master-0.{self.observed.runtime.namespace}:{port}"

    def check_and_update_runtime_status(self) -> bool:
        """The report and, meanwhile, the size of the sources."""
        self.sync_metadata()
        return super().check_and_update_runtime_status()

    def sync_metadata(self) -> None:
        """Add up size and number of the sources' files, in the background and off the way to Bound."""
        status = self.plan.dataset_status
        if self.masterless:
            status.mounts = status.ufs_total = status.file_num = None  # nobody mounts or counts them
        if not self.settings.query_ufs_total or self.masterless:
            return
        if self.differ(status.mounts or ()):
            status.ufs_total = status.file_num = CALCULATING  # counted when the cache has all mounts
            return
        failed_before = status.ufs_total == ""
        if status.ufs_total not in (None, CALCULATING) and not (failed_before and self.observed.sample_due):
            return
        counted = CountedSources(self.commands, list(self.wanted), self.answers)
        for question in counted.questions:
            self.plan.ask(question)
        size, files = counted.used_storage_bytes(), counted.total_file_nums()
        if size is not None and files is not None:
            status.ufs_total, status.file_num = human_size(size), str(files)
        else:  # what failed is asked again with the next sample
            status.ufs_total = status.file_num = "" if counted.complete else CALCULATING

    def should_update_ufs(self) -> bool:
        """Whether mounts differ, a master was restarted, or pods run without the newest keys."""
        if self.masterless:
            return False
        return self.differs or self.master_restarted or any(map(self.rolling.stale_pods, self._live))

    def update_on_ufs_change(self) -> bool:
        """Replace pods that lack keys, then bring the mount table up to date."""
        stateful = [workload for workload in self._live if isinstance(workload, StatefulSet)]
        fuses = next((workload for workload in self._live if isinstance(workload, DaemonSet)), None)
        if any(self._template_pending(workload) for workload in self._live):
            self.plan.wait("UfsUpdating", "the workloads take the new configuration over")
            return False
        return self.rolling.replace(stateful, fuses) and self.prepare_ufs()

    def _warn(self, warnings: Sequence[SpecWarning]) -> None:
        """A condition while there is something to warn of, and one event for each warning."""
        text = "; ".join(warning.message for warning in warnings)
        self._show(WARNED, warnings[0].reason if warnings else "", text or None)
        for warning in warnings:
            self.plan.notices.append(Notice("Warning", warning.reason, warning.message, on_dataset=True))

    @property
    def _live(self) -> list[StatefulSet | DaemonSet]:
        names = self.workloads
        stateful = [self.observed.statefulset(name) for name in (names.master, names.workers) if name]
        found = [*stateful, self.observed.daemonset(names.fuses)]
        return [workload for workload in found if workload is not None]

    def _template_pending(self, workload: StatefulSet | DaemonSet) -> bool:
        """Whether the live template is older than the rendered one: pods replaced now would be old again."""
        wanted = next((child for child in self.rendered if child.name == workload.name), None)
        return isinstance(wanted, StatefulSet | DaemonSet) and self.rolling.differs(wanted, workload)

    def _with_baseline(self, child: KubeObject) -> KubeObject:
        if isinstance(child, StatefulSet):
            return keep_baseline(child, self.observed.statefulset(child.name))
        if isinstance(child, DaemonSet):
            return keep_baseline(child, self.observed.daemonset(child.name))
        return child
