"""The JindoCache engine: masters that mount sources by command, workers, FUSE clients."""

from collections.abc import Mapping
from functools import cached_property

from fluid.engines import api
from fluid.engines.jindo.case import Case
from fluid.engines.jindo.mounts import Source
from fluid.engines.jindo.shape import is_fuse_only, master, reported_medium, worker
from fluid.engines.jindo.transform import transform
from fluid.engines.jindo.values import CHART, JindoValues, base_name
from fluid.models import JindoRuntime

CACHESET_FILE = "/cacheset.xml"
MOUNT_TABLE = 4 * 1024 * 1024
"""Bytes of the longest mount table: 256 mounts with paths and sources of 4096 characters each, and room."""
ALREADY_MOUNTED = "Mount point already exists"


def parse_report(text: str, medium: str) -> api.CacheReport | None:
    """Capacity and use of a medium ("Disk" or "MEM"); None when a line is missing or is no size."""
    labels = {what: f"{what} {medium} Capacity: " for what in ("Total", "Used")}
    found = api.labelled_sizes(text, labels)
    return api.CacheReport(found["Total"], found["Used"]) if found else None


def parse_count(text: str) -> tuple[int, int] | None:
    """(files, bytes) of a ``-count`` line: directories, files, bytes, path."""
    numbers = api.leading_numbers(text, 3)
    return (numbers[1], numbers[2]) if numbers else None


class Commands(api.MountCommands):
    """Queries to the first master of one cache."""

    container = "jindofs-master"

    def report(self) -> api.Exec:
        """Capacity and use; success means that the cache is ready."""
        return self.ask("jindocache", "-report", sample=True)

    def parse_mounts(self, text: str) -> Mapping[str, str]:
        """Sources by path, from lines such as ``1 -> /spark oss://bucket/``."""
        return api.fields_by(text, key=2, value=3)

    def mounts(self) -> api.Exec:
        """The mount table."""
        return self.ask("jindocache", "-mount", limit=MOUNT_TABLE)

    def mount(self, path: str, address: str) -> api.Exec:
        """Attach a source at a path of the cache's namespace."""
        return self.ask("jindocache", "-mount", path, address)

    def after_mounting(self) -> list[api.Exec]:
        """Make the master read the mounted cacheset file."""
        return [self.ask("jindocache", "-refreshCacheSet", "-path", CACHESET_FILE)]

    def was_there(self, result: api.ExecResult) -> bool:
        """Whether the path was mounted already."""
        return ALREADY_MOUNTED in result.stdout or ALREADY_MOUNTED in result.stderr

    def count(self, path: str) -> api.Exec:
        """Directories, files and bytes below a path."""
        command = ("jindo", "fs", "-count", f"jindo://{path}")
        return self.ask(*command, timeout=600.0, background=True, sample=True)

    def format_cache(self, timeout: float) -> api.Exec:
        """Drop everything that is cached."""
        return self.ask("jindocache", "-formatCache", timeout=timeout)

    def unmount(self, path: str) -> api.Exec:
        """Take a path out of the cache's namespace.

        Unproven: no JindoCache program was at hand to run it against. The spelling is that of `-mount`;
        should a release spell it otherwise, this is the one place to change. A failure is shown in the
        Dataset's condition and harms nothing else.
        """
        return self.ask("jindocache", "-unmount", path)


class JindoEngine(api.Engine[JindoRuntime, JindoValues]):
    """One JindoCache in one pass."""

    runtime_type = "jindo"
    chart = implementation = CHART

    @property
    def base(self) -> str:
        """What all names of the runtime's objects begin with."""
        return base_name(self.snapshot.runtime.name)

    def components(self) -> api.Components:
        """Masters, workers and FUSE clients, whichever of them are disabled."""
        runtime = self.snapshot.runtime
        return api.Components(
            fuse=f"{self.base}-fuse",
            master=f"{self.base}-master",
            masters=master(runtime).replicas or 1,
            workers=f"{self.base}-worker",
            replicas=0 if worker(runtime).disabled else runtime.spec.replicas or 0,
            worker_selector=f"app=jindofs,release={runtime.name},role=jindofs-worker",
        )

    @property
    def masterless(self) -> bool:
        """Whether there is no master that could mount or count anything."""
        return bool(master(self.snapshot.runtime).disabled) or is_fuse_only(self.snapshot.runtime)

    @cached_property
    def commands(self) -> Commands:
        """Queries to the first master, as it lives now, about the Dataset as it is now."""
        return Commands(self.snapshot, f"{self.base}-master")

    @cached_property
    def hadoop(self) -> frozenset[str] | None:
        """Keys of the ConfigMap that the user names."""
        runtime = self.snapshot.runtime
        name, namespace = runtime.spec.hadoop_config, runtime.namespace
        return api.config_maps.config_map_keys(
            name, api.config_maps.HADOOP_FIELD, namespace, self.results, self.plan
        )

    def inputs(self) -> api.Fingerprint:
        """The user's ConfigMap."""
        return (self.hadoop,)

    def values(self) -> api.Transformed[JindoValues]:
        """The values of the chart `jindocache`."""
        snapshot, settings = self.snapshot, self.settings
        given = (snapshot.runtime, self.dataset, snapshot.identity, settings, snapshot.ports)
        return transform(Case.of(*given, self.sources, self.hadoop))

    @cached_property
    def sources(self) -> list[Source]:
        """The Dataset's sources; raises `InvalidSpec`."""
        return api.sources_as(Source, self.dataset)

    def fuse_mount(self, values: JindoValues) -> api.FuseMount:
        """A directory of its own below the mount root."""
        fuse = self.snapshot.runtime.spec.fuse
        selector = (fuse.node_selector if fuse else None) or {}
        path = f"{values.fuse.host_path}/jindofs-fuse"
        return api.FuseMount(self.snapshot.runtime, "jindo", path, selector, self.settings.volume_metadata)

    def mounts(self) -> api.MountTable[JindoRuntime, Source] | None:
        """Mounts by `jindocache -mount`."""
        if self.masterless:
            return None
        spec = api.MountTableSpec(self.commands, Source, lambda: self.sources)
        return api.MountTable(self.snapshot, self.results, self.plan, spec)

    def report(self) -> api.ReportRequest | None:
        """`jindocache -report`: capacity and use of the first tier's medium."""
        medium, queries = reported_medium(self.snapshot.runtime), [self.commands.report()]
        if self.masterless:
            return None
        return api.ReportRequest(queries, lambda said: parse_report(said[0] or "", medium))

    def count_sources(self) -> api.SourceCount | None:
        """`jindo fs -count` for each mount."""
        if self.snapshot.dataset is None:
            return None
        paths = [source.mounted_at for source in self.sources]
        return api.SourceCount([self.commands.count(path) for path in paths], parse_count)

    def clean_up(self) -> api.CleanUp | None:
        """`jindocache -formatCache`, while a master can do it."""
        workload = self.snapshot.statefulset(f"{self.base}-master")
        ready = workload.status.ready_replicas if workload and workload.status else 0
        if not ready or self.masterless:
            return None
        policy = self.snapshot.runtime.spec.clean_cache_policy
        return api.CleanUp.by(policy, lambda seconds: [self.commands.format_cache(seconds)])

    def hcfs_endpoint(self) -> str | None:
        """Address of the first master for Hadoop clients."""
        if self.masterless:
            return "N/A"
        port = self.rendering.values.ports.master_rpc
        return f"{self.base}-master-0.{self.snapshot.runtime.namespace}:{port}"
