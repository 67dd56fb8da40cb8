"""Mounts that a FUSE client reads from a file: a ConfigMap in its pods, which follows the Dataset.

A changed ConfigMap reaches a pod within a minute. Pods are annotated, so that their kubelets bring it
at once.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic

from fluid.engines.core.interface import Mounting
from fluid.engines.core.plan import Plan, PodAnnotations
from fluid.engines.core.runtime_status import pods_of
from fluid.engines.core.snapshot import R, Snapshot
from fluid.engines.kit.sources import Source
from fluid.models import ConfigMap, Mount, Pod
from fluid.types import KubeObject

REFRESHED = "fluid.io/f-update-fuse-config"
"""Annotation of FUSE pods: which configuration, and which wish to refresh, they were told of."""
REFRESH = "data.fluid.io/refresh"
"""Annotation of a Dataset, for people: with another value, FUSE pods look at their Secrets at once."""


@dataclass(frozen=True)
class ConfigMountsSpec:
    """What an engine says of the file that its FUSE clients read.

    Attributes:
        key: The file's name, and key of the one ConfigMap among the rendered objects that has it.
        fuses: Name of the DaemonSet of the FUSE clients.
        sources: The Dataset's mounts; raises `InvalidSpec`.
        rendered: All rendered objects; raises `InvalidSpec` and `NotYet`.
    """

    key: str
    fuses: str
    sources: Callable[[], Sequence[Source]]
    rendered: Callable[[], Sequence[KubeObject]]


class ConfigMounts(Mounting, Generic[R]):
    """The configured mounts of one pass. Nothing has to be attached before the runtime is registered."""

    def __init__(self, snapshot: Snapshot[R], plan: Plan, spec: ConfigMountsSpec) -> None:
        self.snapshot = snapshot
        self.plan = plan
        self.spec = spec

    def bind(self) -> None:
        """Record what is mounted."""
        self._record()

    @property
    def differs(self) -> bool:
        """Whether the configuration, a pod or a status lags behind the Dataset's mounts."""
        config = self._config()
        return (
            self._pending(config)
            or bool(self._unaware(config))
            or self.differ(self.plan.dataset_status.mounts or ())
        )

    def differ(self, mounts: Sequence[Mount]) -> bool:
        """Whether some mounts are not exactly the wanted ones."""
        return [one.to_wire() for one in mounts] != [one.to_wire() for one in self._mounts()]

    def announce(self) -> bool:
        """Annotate the pods once the configuration is there."""
        config = self._config()
        if self._pending(config):
            self.plan.wait("UfsUpdating", f"ConfigMap {config.key} takes the new mounts over")
            return False
        told = {REFRESHED: self._digest(config)}
        self.plan.annotate_pods += [PodAnnotations(pod, told) for pod in self._unaware(config)]
        return True

    def update(self) -> bool:
        """Record what is mounted."""
        self._record()
        return True

    def _mounts(self) -> list[Mount]:
        return [source.recorded() for source in self.spec.sources()]

    def _record(self) -> None:
        self.plan.dataset_status.mounts = self.plan.status.mounts = self._mounts()

    def _config(self) -> ConfigMap:
        maps = [child for child in self.spec.rendered() if isinstance(child, ConfigMap)]
        return next(child for child in maps if self.spec.key in (child.data or {}))

    def _digest(self, config: ConfigMap) -> str:
        assert self.snapshot.dataset is not None, "a configuration is rendered for a Dataset"
        wish = (self.snapshot.dataset.metadata.annotations or {}).get(REFRESH, "")
        text = (config.data or {})[self.spec.key] + wish
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def _pending(self, config: ConfigMap) -> bool:
        live = self.snapshot.config_map(config.name)
        return live is None or (live.data or {}).get(self.spec.key) != (config.data or {})[self.spec.key]

    def _unaware(self, config: ConfigMap) -> list[Pod]:
        """FUSE pods that were not told of this configuration; new ones are told what they have."""
        told = self._digest(config)
        return [
            pod
            for pod in pods_of(self.spec.fuses, self.snapshot.pods)
            if pod.metadata.deletion_timestamp is None
            and (pod.metadata.annotations or {}).get(REFRESHED) != told
        ]
