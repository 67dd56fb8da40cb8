"""The JindoCache engine: what is particular to it, on top of the steps that all caches share."""

from collections.abc import Sequence
from functools import cached_property

from fluid.engines.base import CacheEngine, CacheReport, Workloads
from fluid.engines.interface import Answers, Exec, Notice, Observed, Plan
from fluid.engines.jindo.children import values_name
from fluid.engines.jindo.commands import Commands, parse_count, parse_report
from fluid.engines.jindo.rendered import RenderedCache, Rendering
from fluid.engines.jindo.tiers import storage
from fluid.engines.jindo.topology import is_fuse_only, master, worker
from fluid.engines.jindo.ufs import UnderFileSystems, incarnation
from fluid.engines.jindo.values import base_name
from fluid.engines.rolling import Rolling, keep_baseline
from fluid.engines.settings import Settings
from fluid.engines.sizes import CALCULATING, human_size
from fluid.models import DaemonSet, JindoRuntime, PersistentVolume, PersistentVolumeClaim, StatefulSet
from fluid.types import KubeObject


class JindoEngine(CacheEngine[JindoRuntime]):
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
        life = incarnation(observed.pod(f"{self.base}-master-0"))
        generation = observed.dataset.metadata.generation if observed.dataset else None
        self.commands: Commands = Commands(
            observed.runtime.namespace, f"{self.base}-master", f"{life}/{generation}"
        )
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

    @cached_property
    def sources(self) -> UnderFileSystems:
        """The Dataset's sources in this pass."""
        return UnderFileSystems(self.observed, self.answers, self.plan, self.commands)

    @cached_property
    def rendering(self) -> Rendering:
        """Everything rendered, from the cache when nothing that matters has changed."""
        return self.renderings.render(self.observed, self.answers, self.plan, self.settings)

    def render(self) -> Sequence[KubeObject]:
        """All children."""
        for warning in self.rendering.warnings:
            self.plan.notices.append(Notice("Warning", warning.reason, warning.message, on_dataset=True))
        return [self._with_baseline(child) for child in self.rendering.children]

    def volume_objects(self) -> tuple[PersistentVolume, PersistentVolumeClaim]:
        """Volume and claim that publish the cache."""
        return self.rendering.volume, self.rendering.claim

    def report_question(self) -> Exec | None:
        """`jindocache -report`; nobody to ask without a master."""
        return None if self._masterless else self.commands.report()

    def parse_report(self, text: str) -> CacheReport | None:
        """Capacity and use of the first tier's medium."""
        return parse_report(text, "MEM" if storage(self.observed.runtime).memory else "Disk")

    def clean_question(self) -> Exec | None:
        """`jindocache -formatCache`, while a master can do it."""
        workload = self.observed.statefulset(f"{self.base}-master")
        ready = workload.status.ready_replicas if workload and workload.status else 0
        return self.commands.format_cache(timeout=60.0) if ready and not self._masterless else None

    def hcfs_endpoint(self) -> str | None:
        """Address of the first master for Hadoop clients."""
        if self._masterless:
            return "N/A"
        port = self.rendering.values.ports.master_rpc
        return f"{self.base}-master-0.{self.observed.runtime.namespace}:{port}"

    def should_check_ufs(self) -> bool:
        """Whether there is a master that mounts the sources."""
        return not self._masterless

    def prepare_ufs(self) -> bool:
        """Mount the sources in a master that was just started."""
        return self.sources.attach()

    def check_and_update_runtime_status(self) -> bool:
        """The report and, meanwhile, the size of the sources."""
        self.sync_metadata()
        return super().check_and_update_runtime_status()

    def sync_metadata(self) -> None:
        """Add up size and number of the sources' files, in the background and off the way to Bound."""
        status = self.plan.dataset_status
        if self._masterless:
            status.mounts = status.ufs_total = status.file_num = None  # nobody mounts or counts them
        if not self.settings.query_ufs_total or self._masterless:
            return
        if self.sources.differ(status.mounts or ()):
            status.ufs_total = status.file_num = CALCULATING  # counted when the cache has all mounts
            return
        failed_before = status.ufs_total == ""
        if status.ufs_total not in (None, CALCULATING) and not (failed_before and self.observed.sample_due):
            return
        questions = [self.commands.count(path) for path in self.sources.wanted]
        for question in questions:
            self.plan.ask(question)
        results = [self.answers.commands.get(question) for question in questions]
        done = [result for result in results if result is not None]
        counts = [parse_count(result.stdout) if result.exit_code == 0 else None for result in done]
        if len(done) < len(questions):
            status.ufs_total = status.file_num = CALCULATING
        elif all(count is not None for count in counts):
            status.file_num = str(sum(count[0] for count in counts if count))
            status.ufs_total = human_size(sum(count[1] for count in counts if count))
        else:
            status.ufs_total = status.file_num = ""  # not known; asked again with the next sample

    def should_update_ufs(self) -> bool:
        """Whether mounts differ, a master was restarted, or pods run without the newest keys."""
        if self._masterless:
            return False
        return (
            self.sources.differs
            or self.sources.master_restarted
            or any(map(self.rolling.stale_pods, self._live))
        )

    def update_on_ufs_change(self) -> bool:
        """Replace pods that lack keys, then bring the mount table up to date."""
        stateful = [workload for workload in self._live if isinstance(workload, StatefulSet)]
        fuses = next((workload for workload in self._live if isinstance(workload, DaemonSet)), None)
        if any(self._template_pending(workload) for workload in self._live):
            self.plan.wait("UfsUpdating", "the workloads take the new configuration over")
            return False
        return self.rolling.replace(stateful, fuses) and self.sources.attach()

    @property
    def _masterless(self) -> bool:
        return bool(master(self.observed.runtime).disabled) or is_fuse_only(self.observed.runtime)

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
