"""The JuiceFS engine: workers and FUSE clients that know a metadata service; there is no master."""

from collections.abc import Callable, Sequence
from functools import cached_property

from fluid.engines import api
from fluid.engines.juicefs import commands, outputs
from fluid.engines.juicefs.storage import kept_on_nodes
from fluid.engines.juicefs.transform import Case, transform
from fluid.engines.juicefs.values import JuiceFSValues
from fluid.engines.juicefs.volume import Volume
from fluid.models import JuiceFSRuntime, Mount, Pod, PodSpec

Places = Sequence[tuple[Pod, list[str]]]
"""Pods with the cache directories that outlive them."""
MOUNT_TYPE = "JuiceFS"
"""A part of what the mount table of a node calls the mounts."""


class MountedAtStart(api.Mounting):
    """A file system that all pods mount when they start: a change of it replaces them one by one."""

    def __init__(self, plan: api.Plan, volume: Volume) -> None:
        self.plan = plan
        self.volume = volume

    def bind(self) -> None:
        """Record what is mounted."""
        self.plan.dataset_status.mounts = [self.volume.mount.recorded()]

    @property
    def differs(self) -> bool:
        """Whether another file system, or another part of it, is recorded."""
        return self.differ(self.plan.dataset_status.mounts or ())

    def differ(self, mounts: Sequence[Mount]) -> bool:
        """Whether some mounts are not the wanted one."""
        return [one.to_wire() for one in mounts] != [self.volume.mount.recorded().to_wire()]

    def update(self) -> bool:
        """Record what is mounted: the pods have been replaced by now."""
        self.bind()
        return True


class JuiceFSEngine(api.Engine[JuiceFSRuntime, JuiceFSValues]):
    """One JuiceFSRuntime in one pass."""

    runtime_type = chart = implementation = "juicefs"

    def components(self) -> api.Components:
        """Workers and FUSE clients; the number of workers stands as `masterReplicas`, to existing tools."""
        runtime = self.snapshot.runtime
        name, wanted = runtime.name, max(runtime.spec.replicas or 0, 0)
        return api.Components(
            fuse=f"{name}-fuse",
            masters=wanted,
            workers=f"{name}-worker",
            replicas=wanted,
            worker_selector=f"app=juicefs,release={name},role=juicefs-worker",
        )

    @cached_property
    def case(self) -> Case:
        """The runtime with its Dataset."""
        found, volume = self.snapshot, Volume.of(self.dataset)
        return Case(found.runtime, self.dataset, found.identity, self.settings, found.ports, volume)

    def values(self) -> api.Transformed[JuiceFSValues]:
        """The values of the chart `juicefs`."""
        return transform(self.case)

    def fuse_mount(self, values: JuiceFSValues) -> api.FuseMount:
        """A directory of its own below the mount root."""
        fuse = self.snapshot.runtime.spec.fuse
        return api.FuseMount(
            self.snapshot.runtime,
            MOUNT_TYPE,
            values.fuse.mount_path,
            (fuse.node_selector if fuse else None) or {},
            self.settings.volume_metadata,
            values.fuse.generation,
        )

    def mounts(self) -> MountedAtStart:
        """What the pods mount when they start."""
        return MountedAtStart(self.plan, self.case.volume)

    def report(self) -> api.ReportRequest | None:
        """Figures of all clients: a page of each, or a file in those of the enterprise edition."""
        pods = [*(workers := self._ready("worker")), *self._ready("fuse")]
        values = self.rendering.values
        if values.edition == "enterprise":
            pods = self._ready("worker") or pods
            queries = [self._ask(pod, commands.figures(values.fuse.mount_path)) for pod in pods]
            return api.ReportRequest(queries, self._read(pods, outputs.read_stats))
        pages: list[api.HttpGet] = []
        for pod in pods:
            port = values.worker.metrics_port if pod in workers else values.fuse.metrics_port
            pages += api.HttpGet.of([pod], port, lines=outputs.METRICS)
        asked = [pod for pod in pods if any(page.pod == pod.key for page in pages)]
        return api.ReportRequest(pages, self._read(asked, outputs.read_metrics))

    def count_sources(self) -> api.SourceCount | None:
        """The summary that JuiceFS keeps of the folder, from a worker, else from a FUSE client."""
        management = self.snapshot.runtime.spec.management
        policy = management.metadata_sync_policy if management else None
        pods = (self._ready("worker") or self._ready("fuse"))[:1]
        if not pods or (policy is not None and policy.auto_sync is False):
            return None
        values, seconds = self.rendering.values, commands.SUMMARY_TIMEOUT
        command = commands.summary(values.edition, values.fuse.mount_path)
        queries = [self._ask(pod, command, timeout=seconds, background=True) for pod in pods]
        return api.SourceCount(queries, outputs.read_summary)

    def clean_up(self) -> api.CleanUp | None:
        """Removes the blocks of this file system from the nodes where its clients run.

        What is known is read off live objects: the Dataset may be gone, and the specs may be others now. The
        directory with the blocks of a file system of the community edition is called after its id, which its
        metadata engine has to be asked for first.
        """
        templates = {one: self._template(one) for one in ("worker", "fuse")}
        places = [
            (pod, kept)
            for name, template in templates.items()
            for pod in (self._ready(name) if template else ())
            if template is not None and (kept := kept_on_nodes(template))
        ]
        if not places:
            return None
        management = self.snapshot.runtime.spec.management
        policy = management.clean_cache_policy if management else None
        containers = [one for template in templates.values() if template for one in template.containers]
        community = any(variable.name == "METAURL" for one in containers for variable in one.env or ())
        cleaned = self._clean_community if community else self._clean_enterprise
        return api.CleanUp.by(policy, lambda seconds: cleaned(places, seconds))

    def _clean_community(self, places: Places, seconds: float) -> list[api.Exec]:
        ask = self._ask(places[0][0], commands.status(), timeout=seconds)
        answer = self.results.get(ask)
        found = outputs.read_status(answer.stdout) if answer is not None and answer.exit_code == 0 else None
        return [ask, *(self._clean(places, found, seconds) if found else ())]

    def _clean_enterprise(self, places: Places, seconds: float) -> list[api.Exec]:
        values = self.snapshot.config_map(self.value_file)
        name = outputs.read_name((values.data or {}).get("data", "") if values else "")
        return self._clean(places, name, seconds) if name else []

    def _clean(self, places: Places, volume: str, seconds: float) -> list[api.Exec]:
        remove = commands.remove_blocks
        return [self._ask(pod, remove(found, volume), timeout=seconds) for pod, found in places]

    def _template(self, component: str) -> PodSpec | None:
        """What the pods of a component were made from, as far as it is live."""
        name = f"{self.snapshot.runtime.name}-{component}"
        live = self.snapshot.daemonset(name) if component == "fuse" else self.snapshot.statefulset(name)
        return live.spec.template.spec if live is not None and live.spec else None

    def _ready(self, component: str) -> list[Pod]:
        return api.pods.ready_pods(f"{self.snapshot.runtime.name}-{component}", self.snapshot.pods)

    def _ask(
        self, pod: Pod, command: tuple[str, ...], *, timeout: float = 30.0, background: bool = False
    ) -> api.Exec:
        """A command in a client; its container is called after its component."""
        container = "juicefs-worker" if pod in self._ready("worker") else "juicefs-fuse"
        return api.Exec(
            pod.key, container, command, timeout=timeout, background=background, sample=background
        )

    def _read(
        self, pods: Sequence[Pod], read: Callable[[str], outputs.Figures | None]
    ) -> Callable[[Sequence[str | None]], api.CacheReport | None]:
        """What all clients say together.

        Clients of one node that keep their blocks in the same directories hold the same ones: of those the
        largest counts. Others hold what they hold besides.
        """
        tier = self.case.tier
        shared = tier.level is None or tier.level.volume_type != "emptyDir"

        def together(said: Sequence[str | None]) -> api.CacheReport | None:
            figures = [read(text) if text is not None else None for text in said]
            known = [(pod, one) for pod, one in zip(pods, figures, strict=True) if one is not None]
            if not known:
                return None
            held: dict[str, int] = {}
            for pod, one in known:
                node = (pod.spec.node_name if pod.spec else None) or pod.name
                place = node if shared else pod.name
                held[place] = max(held.get(place, 0), one.held)
            capacity = int(tier.quota or 0) * len(held)
            return api.CacheReport(capacity, sum(held.values()), _shares([one for _, one in known]))

        return together


def _shares(figures: Sequence[outputs.Figures]) -> dict[str, str]:
    hits, misses = sum(one.hits for one in figures), sum(one.misses for one in figures)
    found, missed = sum(one.hit_bytes for one in figures), sum(one.missed_bytes for one in figures)
    return {
        "cacheHitRatio": outputs.share(hits, misses),
        "cacheThroughputRatio": outputs.share(found, missed),
    }
