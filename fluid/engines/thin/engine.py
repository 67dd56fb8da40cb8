"""The thin engine: a FUSE client of the user's, workers if wanted, and mounts that follow the Dataset.

All sources of a Dataset appear under one FUSE mount; how, is the client's business. A change of the mounts is
a change of `config.json` in running pods: these are touched, so that their kubelets bring it at once.
"""

import hashlib
from collections.abc import Sequence
from functools import cached_property

from fluid.engines.core.charted import ChartedEngine
from fluid.engines.core.description import Workloads
from fluid.engines.core.errors import InvalidSpec, Whose
from fluid.engines.core.plan import PodAnnotations
from fluid.engines.core.queries import ClaimVolume, Exec
from fluid.engines.core.render import Fingerprint, Transformed
from fluid.engines.core.runtime_status import pods_of
from fluid.engines.core.statistics import CacheReport
from fluid.engines.core.volumes import FuseMount
from fluid.engines.kit.source_volumes import claim_volumes
from fluid.engines.kit.sources import Source, sources_as
from fluid.engines.thin import merging
from fluid.engines.thin.transform import target_path, transform, wanted_workers
from fluid.engines.thin.values import ThinValues
from fluid.engines.thin.vetting import unvetted
from fluid.models import ConfigMap, Mount, Pod, ThinRuntime, ThinRuntimeProfile

CHART = ENGINE = TYPE = "thin"
CONFIG_KEY = "config.json"
REFRESHED = "fluid.io/f-update-fuse-config"
"""Annotation of FUSE pods: which configuration, and which wish to refresh, they were told of."""
REFRESH = "data.fluid.io/refresh"
"""Annotation of a Dataset, for people: with another value, FUSE pods look at their Secrets at once."""
FILE_SYSTEM = "fuse"
"""What the mount table of a node calls mounts of a runtime without a profile, or a part of it."""
_UNKNOWN = ("cacheCapacity", "cached", "cachedPercentage", "cacheHitRatio", "cacheThroughputRatio")


class ThinEngine(ChartedEngine[ThinRuntime, ThinValues]):
    """A FUSE client that mounts all sources; nobody to ask, nothing to mount by command."""

    runtime_type = TYPE
    chart = CHART
    implementation = ENGINE

    @cached_property
    def profile(self) -> ThinRuntimeProfile | None:
        """The runtime's template, if it names one that exists."""
        found = self.snapshot.references
        return next((one for one in found if isinstance(one, ThinRuntimeProfile)), None)

    @property
    def workloads(self) -> Workloads:
        """Names of the workloads; workers as long as there are some, or shall be."""
        name = self.snapshot.runtime.name
        workers = f"{name}-worker"
        there = self.snapshot.statefulset(workers) is not None
        wanted = wanted_workers(self.snapshot.runtime, self.profile) is not None
        return Workloads(None, workers if there or wanted else None, f"{name}-fuse")

    @property
    def replicas(self) -> int:
        """Workers that the user wants."""
        return wanted_workers(self.snapshot.runtime, self.profile) or 0

    @property
    def master_replicas(self) -> int:
        """What is recorded at binding: there is no master, and existing tools know the workers here."""
        return self.snapshot.runtime.spec.replicas or 0

    @property
    def worker_selector(self) -> str:
        """Label selector of the workers' pods."""
        return f"app=thin,release={self.snapshot.runtime.name},role=thin-worker"

    @cached_property
    def sources(self) -> list[Source]:
        """The Dataset's sources."""
        return sources_as(Source, self.dataset)

    @cached_property
    def claims(self) -> dict[str, ClaimVolume]:
        """The volumes behind the claims among the sources."""
        return claim_volumes(self.sources, self.snapshot.runtime.namespace, self.results, self.plan)

    def beyond_snapshot(self) -> Fingerprint:
        """The profile has to be there; what is behind claims counts."""
        named = self.snapshot.runtime.spec.profile_name
        if named and self.profile is None:
            raise InvalidSpec(
                Whose.RUNTIME,
                "spec.profileName",
                f"there is no ThinRuntimeProfile {named[:253]!r}",
                "Create it, or name another",
            )
        return tuple(
            (claim, volume.csi.model_dump_json() if volume.csi else "", volume.mount_options)
            for claim, volume in self.claims.items()
        )

    def transform(self) -> Transformed[ThinValues]:
        """The values of the chart `thin`."""
        snapshot = self.snapshot
        return transform(
            snapshot.runtime, self.profile, self.dataset, snapshot.identity, self.settings, self.claims
        )

    def unvetted(self) -> Sequence[str]:
        """Whether there has to be a profile, and what it leaves to the runtime."""
        return [*unvetted(self.snapshot.runtime, self.settings.policies)]

    def fuse_mount(self, values: ThinValues) -> FuseMount:
        """A directory of its own below the mount root, called what the profile says."""
        runtime, profile = self.snapshot.runtime, self.profile
        kind = profile.spec.file_system_type if profile and profile.spec else FILE_SYSTEM
        selector = merging.fuse(runtime, profile).node_selector or {}
        path = target_path(runtime, self.settings)
        return FuseMount(runtime, kind, path, selector, self.settings.volume_metadata)

    def report_query(self) -> Exec | None:
        """Nobody to ask."""
        return None

    def parse_report(self, text: str) -> CacheReport | None:
        """Nobody results."""
        return None

    def check_and_update_runtime_status(self) -> bool:
        """What a cache would report is not known."""
        complete = super().check_and_update_runtime_status()
        self.plan.status.cache_states = dict.fromkeys(_UNKNOWN, "N/A")
        return complete

    def bind_to_dataset(self) -> None:
        """Register the runtime, and what it mounts."""
        super().bind_to_dataset()
        self._record_mounts()

    def should_update_ufs(self) -> bool:
        """Whether the configuration, a pod or a status lags behind the Dataset's mounts."""
        recorded = self.plan.dataset_status.mounts or []
        return (
            self._config_pending
            or bool(self._unaware)
            or self.any_stale
            or [one.to_wire() for one in recorded] != [one.to_wire() for one in self._mounts]
        )

    def update_on_ufs_change(self) -> bool:
        """Annotate the pods once the configuration is there; replace those that lack a volume for it."""
        if self._config_pending:
            self.plan.wait("UfsUpdating", f"ConfigMap {self._config.key} takes the new mounts over")
            return False
        told = {REFRESHED: self._config_hash}
        self.plan.annotate_pods += [PodAnnotations(pod, told) for pod in self._unaware]
        if not self.replace_stale():
            return False
        self._record_mounts()
        return True

    @property
    def _mounts(self) -> list[Mount]:
        return [source.recorded() for source in self.sources]

    def _record_mounts(self) -> None:
        self.plan.dataset_status.mounts = self.plan.status.mounts = self._mounts

    @cached_property
    def _config(self) -> ConfigMap:
        maps = [child for child in self.rendered if isinstance(child, ConfigMap)]
        return next(child for child in maps if CONFIG_KEY in (child.data or {}))

    @property
    def _config_hash(self) -> str:
        text = (self._config.data or {})[CONFIG_KEY]
        text += (self.dataset.metadata.annotations or {}).get(REFRESH, "")
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def _config_pending(self) -> bool:
        live = self.snapshot.config_map(self._config.name)
        return live is None or (live.data or {}).get(CONFIG_KEY) != (self._config.data or {})[CONFIG_KEY]

    @property
    def _unaware(self) -> list[Pod]:
        """FUSE pods that were not told of this configuration; new ones are told what they have."""
        return [
            pod
            for pod in pods_of(self.workloads.fuses, self.snapshot.pods)
            if pod.metadata.deletion_timestamp is None
            and (pod.metadata.annotations or {}).get(REFRESHED) != self._config_hash
        ]
