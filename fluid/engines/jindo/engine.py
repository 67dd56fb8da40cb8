"""The JindoCache engine: what is particular to it, on top of the steps that all caches share."""

from functools import cached_property

from fluid.engines.core.description import Workloads
from fluid.engines.core.queries import Exec
from fluid.engines.core.render import Fingerprint, Transformed
from fluid.engines.core.statistics import CALCULATING, CacheReport, human_size
from fluid.engines.core.teardown import CleanPolicy
from fluid.engines.core.volumes import FuseMount
from fluid.engines.jindo.children import CHART, ENGINE
from fluid.engines.jindo.commands import Commands, parse_report
from fluid.engines.jindo.counting import CountedSources
from fluid.engines.jindo.hadoop import hadoop_keys
from fluid.engines.jindo.tiers import reported_medium
from fluid.engines.jindo.topology import master, worker
from fluid.engines.jindo.transform import transform
from fluid.engines.jindo.ufs import MountingEngine, incarnation
from fluid.engines.jindo.values import JindoValues, Ports, base_name
from fluid.models import CleanCachePolicy


class JindoEngine(MountingEngine):
    """JindoCache: masters that mount sources by command, workers, FUSE clients."""

    runtime_type = "jindo"

    chart = CHART
    implementation = ENGINE

    @property
    def base(self) -> str:
        """What all names of the runtime's objects begin with."""
        return base_name(self.snapshot.runtime.name)

    @property
    def workloads(self) -> Workloads:
        """Names of the workloads."""
        return Workloads(f"{self.base}-master", f"{self.base}-worker", f"{self.base}-fuse")

    @property
    def replicas(self) -> int:
        """Workers that the user wants; none unless said."""
        return 0 if worker(self.snapshot.runtime).disabled else self.snapshot.runtime.spec.replicas or 0

    @property
    def master_replicas(self) -> int:
        """What the spec says, as it is recorded at binding."""
        return master(self.snapshot.runtime).replicas or 1

    @property
    def worker_selector(self) -> str:
        """Label selector of the workers' pods."""
        return f"app=jindofs,release={self.snapshot.runtime.name},role=jindofs-worker"

    @property
    def commands(self) -> Commands:
        """Queries to the first master, as it lives now, about the Dataset as it is now."""
        name = f"{self.base}-master"
        generation = self.snapshot.dataset.metadata.generation if self.snapshot.dataset else None
        life = incarnation(self.snapshot.pod(f"{name}-0"))
        return Commands(self.snapshot.runtime.namespace, name, f"{life}/{generation}")

    @cached_property
    def hadoop(self) -> frozenset[str] | None:
        """Keys of the ConfigMap that the user names."""
        return hadoop_keys(self.snapshot, self.results, self.plan)

    def beyond_snapshot(self) -> Fingerprint:
        """The user's ConfigMap."""
        return (self.hadoop,)

    def transform(self) -> Transformed[JindoValues]:
        """The values of the chart `jindocache`."""
        ports = Ports.model_validate(dict(self.snapshot.ports))
        return transform(
            self.snapshot.runtime,
            self.dataset,
            self.snapshot.identity,
            ports,
            self.settings,
            hadoop_keys=self.hadoop,
        )

    def fuse_mount(self, values: JindoValues) -> FuseMount:
        """A directory of its own below the mount root."""
        fuse = self.snapshot.runtime.spec.fuse
        selector = (fuse.node_selector if fuse else None) or {}
        path = f"{values.fuse.host_path}/jindofs-fuse"
        return FuseMount(self.snapshot.runtime, "jindo", path, selector, self.settings.volume_metadata)

    def report_query(self) -> Exec | None:
        """`jindocache -report`; nobody to ask without a master."""
        return None if self.masterless else self.commands.report()

    def parse_report(self, text: str) -> CacheReport | None:
        """Capacity and use of the first tier's medium."""
        return parse_report(text, reported_medium(self.snapshot.runtime))

    def clean_up_query(self) -> Exec | None:
        """`jindocache -formatCache`, while a master can do it."""
        workload = self.snapshot.statefulset(f"{self.base}-master")
        ready = workload.status.ready_replicas if workload and workload.status else 0
        return (
            self.commands.format_cache(max(1.0, self.clean_policy.grace))
            if ready and not self.masterless
            else None
        )

    @property
    def clean_policy(self) -> CleanPolicy:
        """As the spec has it."""
        policy = self.snapshot.runtime.spec.clean_cache_policy or CleanCachePolicy()
        return CleanPolicy(float(policy.grace_period_seconds), policy.max_retry_attempts)

    def hcfs_endpoint(self) -> str | None:
        """Address of the first master for Hadoop clients."""
        if self.masterless:
            return "N/A"
        port = self.rendering.values.ports.master_rpc
        return f"{self.base}-master-0.{self.snapshot.runtime.namespace}:{port}"

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
        if status.ufs_total not in (None, CALCULATING) and not (failed_before and self.snapshot.sample_due):
            return
        counted = CountedSources(self.commands, list(self.wanted), self.results)
        for query in counted.queries:
            self.plan.ask(query)
        size, files = counted.used_storage_bytes(), counted.total_file_nums()
        if size is not None and files is not None:
            status.ufs_total, status.file_num = human_size(size), str(files)
        else:  # what failed is asked again with the next sample
            status.ufs_total = status.file_num = "" if counted.complete else CALCULATING

    def should_update_ufs(self) -> bool:
        """Whether mounts differ, a master was restarted, or pods run without the newest keys."""
        if self.masterless:
            return False
        return self.differs or self.master_restarted or self.any_stale

    def update_on_ufs_change(self) -> bool:
        """Replace pods that lack keys, then bring the mount table up to date."""
        return self.replace_stale() and self.prepare_ufs()
