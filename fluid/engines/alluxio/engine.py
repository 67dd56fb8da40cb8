"""The Alluxio engine: masters that mount sources by command, workers, FUSE clients."""

from functools import cached_property

from fluid.engines import api
from fluid.engines.alluxio.backup import sending
from fluid.engines.alluxio.case import Case
from fluid.engines.alluxio.commands import Commands, parse_count, parse_report
from fluid.engines.alluxio.mounts import Source, sources
from fluid.engines.alluxio.restore import parse_totals, restore_of
from fluid.engines.alluxio.shape import PORTS, fuse, has_gateway, masters
from fluid.engines.alluxio.transform import transform
from fluid.engines.alluxio.values import CHART, AlluxioValues
from fluid.models import AlluxioRuntime, CleanCachePolicy

_REFRESH = "data.fluid.io/refresh"
"""Annotation of a Dataset, for people: with another value, sources are mounted with what Secrets have now."""


class AlluxioEngine(api.Engine[AlluxioRuntime, AlluxioValues]):
    """One Alluxio cluster in one pass."""

    runtime_type = "alluxio"
    chart = implementation = CHART

    def components(self) -> api.Components:
        """Masters, workers and FUSE clients."""
        runtime = self.snapshot.runtime
        return api.Components(
            fuse=f"{runtime.name}-fuse",
            master=f"{runtime.name}-master",
            masters=masters(runtime),
            workers=f"{runtime.name}-worker",
            replicas=max(runtime.spec.replicas or 0, 0),
            worker_selector=f"app=alluxio,release={runtime.name},role=alluxio-worker",
        )

    @cached_property
    def commands(self) -> Commands:
        """Queries to the first master, as it lives now, about the Dataset as it is now."""
        return Commands(self.snapshot, f"{self.snapshot.runtime.name}-master")

    @cached_property
    def hadoop(self) -> frozenset[str] | None:
        """Keys of the ConfigMap that the user names."""
        runtime = self.snapshot.runtime
        name, namespace = runtime.spec.hadoop_config, runtime.namespace
        return api.config_maps.config_map_keys(
            name, api.config_maps.HADOOP_FIELD, namespace, self.results, self.plan
        )

    @cached_property
    def sources(self) -> list[Source]:
        """The Dataset's sources; raises `InvalidSpec`."""
        return sources(self.dataset)

    def inputs(self) -> api.Fingerprint:
        """The user's ConfigMap; beside it, masters are told to send what DataBackups wait for."""
        runtime, dataset = self.snapshot.runtime, self.snapshot.dataset
        masters = api.pods.ready_pods(f"{runtime.name}-master", self.snapshot.pods)
        for query in sending(dataset, runtime, masters, self._web_port) if dataset else ():
            self.plan.ask(query)
        return (self.hadoop,)

    def values(self) -> api.Transformed[AlluxioValues]:
        """The values of the chart `alluxio`."""
        snapshot, settings = self.snapshot, self.settings
        given = (snapshot.runtime, self.dataset, snapshot.identity, settings, snapshot.ports)
        return transform(Case.of(*given, self.sources, self.hadoop))

    def fuse_mount(self, values: AlluxioValues) -> api.FuseMount:
        """A directory of its own below the mount root."""
        selector = fuse(self.snapshot.runtime).node_selector or {}
        path, metadata = f"{values.fuse.host_path}/alluxio-fuse", self.settings.volume_metadata
        return api.FuseMount(self.snapshot.runtime, "fuse.alluxio-fuse", path, selector, metadata)

    def mounts(self) -> api.MountTable[AlluxioRuntime, Source]:
        """Mounts by `alluxio fs mount`; the root, directories of nodes and claims are there without."""
        spec = api.MountTableSpec(
            self.commands,
            Source,
            lambda: self.sources,
            address=lambda source: source.uri,
            mount=lambda source: self.commands.mount_with(source.words(self.dataset)),
            content=self._content,
            by_command=lambda source: not (source.is_native or source.is_root),
        )
        return api.MountTable(self.snapshot, self.results, self.plan, spec)

    def _content(self, source: Source) -> str:
        """Digest of options, flags and credentials, and of the wish to read the Secrets again."""
        wish = (self.dataset.metadata.annotations or {}).get(_REFRESH, "") if source.secrets else ""
        return api.volumes.revision_of([*source.words(self.dataset), wish])

    def report(self) -> api.ReportRequest:
        """Metrics of the cluster: capacity, use and ratios."""
        runtime, port = self.snapshot.runtime, self._web_port
        names = (f"{runtime.name}-master-{index}:{port}" for index in range(masters(runtime)))
        asked = [*names] if masters(runtime) > 1 else [f"127.0.0.1:{port}"]
        return api.ReportRequest([self.commands.report(asked)], lambda said: parse_report(said[0] or ""))

    def count_sources(self) -> api.SourceCount | None:
        """`alluxio fs count`, once the metadata are loaded; of a restored cache, what its backup says."""
        runtime, dataset = self.snapshot.runtime, self.snapshot.dataset
        policy = runtime.spec.management.metadata_sync_policy if runtime.spec.management else None
        if dataset is None or (policy and policy.auto_sync is False):
            return None
        if (restored := restore_of(dataset)) is not None:
            file = self.commands.read_file(restored.totals(runtime))
            self.plan.ask(file)
            if file not in self.results or self.results[file].exit_code == 0:
                return api.SourceCount([file], parse_totals)
        load = self.commands.load_metadata()
        self.plan.ask(load)
        if load in self.results and self.results[load].exit_code == 0:
            return api.SourceCount([self.commands.count()], parse_count)
        return api.SourceCount([load], lambda _: None)

    def clean_up(self) -> api.CleanUp | None:
        """`alluxio fs free`, while a master can do it."""
        workload = self.snapshot.statefulset(f"{self.snapshot.runtime.name}-master")
        ready = workload.status.ready_replicas if workload and workload.status else 0
        management = self.snapshot.runtime.spec.management
        policy = (management.clean_cache_policy if management else None) or CleanCachePolicy()
        if not ready or not policy.grace_period_seconds:
            return None
        return api.CleanUp.by(policy, lambda seconds: [self.commands.free(seconds)])

    def hcfs_endpoint(self) -> str:
        """Address of the first master for Hadoop clients."""
        return f"alluxio://{self._first_master}:{self.rendering.values.ports.master_rpc}"

    def gateway_endpoint(self) -> str | None:
        """Address of the API gateway beside the first master."""
        if not has_gateway(self.snapshot.runtime):
            return None
        return f"{self._first_master}:{self.rendering.values.ports.rest}"

    @property
    def _web_port(self) -> int:
        """The port that masters listen on, as they run."""
        workload = self.snapshot.statefulset(f"{self.snapshot.runtime.name}-master")
        live = PORTS.listened([workload] if workload else [])
        return live.get("masterWeb", 19999)

    @property
    def _first_master(self) -> str:
        runtime = self.snapshot.runtime
        return f"{runtime.name}-master-0.{runtime.namespace}"
