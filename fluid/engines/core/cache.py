"""One cache in one pass: what is known, what the author of an engine writes, and what is rendered."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from posixpath import dirname
from types import NoneType
from typing import Generic

from fluid.charts import ChartValues
from fluid.engines.core.checks import (
    UnfitError,
    check_objects,
    expect,
    expect_field,
    expect_items,
)
from fluid.engines.core.errors import NamedObject, SpecWarning
from fluid.engines.core.interface import Mounting
from fluid.engines.core.limits import refuse_heavy, refuse_large_status, refuse_oversized
from fluid.engines.core.plan import Notice, Plan
from fluid.engines.core.policy_check import FUSE_DEVICE, Allowances, refuse_forbidden
from fluid.engines.core.queries import Results
from fluid.engines.core.render import (
    Fingerprint,
    RenderedCache,
    Rendering,
    Transformed,
    V,
    chart_objects,
    values_name,
)
from fluid.engines.core.rollout import Rolling, keep_baseline
from fluid.engines.core.runtime_status import show_condition
from fluid.engines.core.settings import Settings
from fluid.engines.core.snapshot import R, Snapshot
from fluid.engines.core.spec_words import refuse_new_words, volume_words, with_accepted_words
from fluid.engines.core.statistics import ReportRequest, SourceCount
from fluid.engines.core.teardown import CleanUp
from fluid.engines.core.upgrade import keep_claims, keep_powers, keep_selector, with_granted_label
from fluid.engines.core.volume_metadata import metadata_warnings
from fluid.engines.core.volumes import FuseMount, persistent_volume, persistent_volume_claim
from fluid.models import ConfigMap, DaemonSet, Dataset, PersistentVolume, PersistentVolumeClaim, StatefulSet
from fluid.types import KubeObject

WARNED = "SpecWarning"
"""Condition of the runtime that lists the warnings about its specs."""


@dataclass(frozen=True, slots=True)
class Components:
    """The workloads of one cache; names of objects that its chart makes.

    Attributes:
        fuse: DaemonSet of the FUSE clients.
        master: StatefulSet of the masters; None for a cache without any.
        masters: Number that is recorded as `masterReplicas` at binding.
        workers: StatefulSet of the workers; None for a cache without any.
        replicas: Workers that the user wants.
        worker_selector: Label selector of the workers' pods, for the scale subresource.
    """

    fuse: str
    master: str | None = None
    masters: int = 0
    workers: str | None = None
    replicas: int = 0
    worker_selector: str = ""

    def __post_init__(self) -> None:
        """Refuse what is of another type."""
        expect_field("Components.fuse", self.fuse, str)
        expect_field("Components.master", self.master, str, NoneType)
        expect_field("Components.masters", self.masters, int)
        expect_field("Components.workers", self.workers, str, NoneType)
        expect_field("Components.replicas", self.replicas, int)
        expect_field("Components.worker_selector", self.worker_selector, str)


class Cache(ABC, Generic[R, V]):
    """What an engine knows in one pass, what its author writes, and what is rendered.

    `fluid.engines.api.Engine` says of the methods that are to be written what they guarantee and assume.
    """

    chart: str
    """Name of the chart."""
    implementation: str
    """Name of the engine implementation, as in the registration."""
    runtime_type: str
    """`type` in a Dataset's `status.runtimes`."""
    unknown_states: Mapping[str, str] | None = None
    """What `status.cacheStates` shows while nobody reports."""

    def __init__(
        self,
        snapshot: Snapshot[R],
        results: Results,
        plan: Plan,
        settings: Settings,
        renderings: RenderedCache[V],
    ) -> None:
        self.snapshot = snapshot
        self.results = results
        self.plan = plan
        self.settings = settings
        self.renderings = renderings
        self.rolling: Rolling = Rolling(snapshot, results, plan)

    @property
    def id(self) -> str:
        """Namespace and name of the runtime."""
        return str(self.snapshot.runtime.key)

    @abstractmethod
    def components(self) -> Components:
        """The workloads."""

    @abstractmethod
    def values(self) -> Transformed[V]:
        """The chart's values; raises `InvalidSpec`."""

    @abstractmethod
    def fuse_mount(self, values: V) -> FuseMount:
        """Where the FUSE pods mount the cache."""

    def inputs(self) -> Fingerprint:
        """What goes into the values from results; asks the queries, raises `NotYet` and `InvalidSpec`."""
        return ()

    def mounts(self) -> Mounting | None:
        """How the sources get into the cache; None if the engine mounts none."""
        return None

    def report(self) -> ReportRequest | None:
        """How the cache is asked for its report; None if it gives none."""
        return None

    def count_sources(self) -> SourceCount | None:
        """How the files of the sources are counted; None if the engine counts none."""
        return None

    def clean_up(self) -> CleanUp | None:
        """How the cache is emptied before its deletion; None if it needs no clean-up."""
        return None

    def hcfs_endpoint(self) -> str | None:
        """Address for Hadoop-compatible clients, if the engine has one."""
        return None

    def gateway_endpoint(self) -> str | None:
        """Address of a REST gateway, if the cache has one."""
        return None

    def unvetted(self) -> Sequence[str]:
        """What a runtime policy does not allow of the runtime's spec itself, a sentence each."""
        return ()

    @cached_property
    def workloads(self) -> Components:
        """The workloads, looked up once per pass."""
        return expect("components", self.components(), Components)

    @cached_property
    def mounting(self) -> Mounting | None:
        """How the sources get into the cache, made once per pass."""
        return expect("mounts", self.mounts(), Mounting, NoneType)

    @cached_property
    def counting(self) -> SourceCount | None:
        """How the sources' files are counted, made once per pass, if a count is due."""
        return expect("count_sources", self.count_sources(), SourceCount, NoneType)

    @cached_property
    def rendered(self) -> Sequence[KubeObject]:
        """All children, rendered once per pass."""
        children = self.render()
        check_objects("render", children, self.snapshot.runtime.namespace)
        return children

    @property
    def value_file(self) -> str:
        """Name of the values ConfigMap."""
        return values_name(self.snapshot.runtime.name, self.implementation)

    @property
    def dataset(self) -> Dataset:
        """The Dataset that the runtime is rendered for."""
        assert self.snapshot.dataset is not None, "a runtime is rendered for its Dataset"
        return self.snapshot.dataset

    @cached_property
    def rendering(self) -> Rendering[V]:
        """The rendered objects, from memory while no input has changed."""
        beyond = (*expect("inputs", self.inputs(), tuple), self.settings.critical_fuse_pod)
        return self.renderings.render(self.snapshot, beyond, self._make)

    def render(self) -> Sequence[KubeObject]:
        """All children, checked as they would be sent; new words without a meaning are refused."""
        live = self.snapshot.config_map(self.value_file)
        refuse_new_words(self.rendering.warnings, live, registered=self.snapshot.registered)
        self._warn(self.rendering.warnings)
        children = [self._as_before(child) for child in self.rendering.children]
        runtime, settings = self.snapshot.runtime, self.settings
        mounted = dirname(self._mount(self.rendering.values).path)
        allowances = Allowances.by(settings, mounted, FUSE_DEVICE)
        unvetted = self.unvetted()
        expect_items("unvetted", unvetted, str)
        refuse_forbidden(NamedObject.of(runtime), children, settings, allowances, unvetted)
        return children

    def volume_objects(self) -> tuple[PersistentVolume, PersistentVolumeClaim]:
        """Volume and claim that publish the cache."""
        return self.rendering.volume, self.rendering.claim

    @property
    def any_stale(self) -> bool:
        """Whether pods run with a template from before a change of the mounts."""
        return any(map(self.rolling.stale_pods, self._live))

    def replace_stale(self) -> bool:
        """Replaces outdated pods one by one, those with readers last; True once none is left."""
        stateful = [workload for workload in self._live if isinstance(workload, StatefulSet)]
        fuses = next((workload for workload in self._live if isinstance(workload, DaemonSet)), None)
        if any(self._template_pending(workload) for workload in self._live):
            self.plan.wait("UfsUpdating", "the workloads take the new configuration over")
            return False
        return self.rolling.replace(stateful, fuses)

    def _make(self) -> Rendering[V]:
        snapshot, dataset, identity = self.snapshot, self.dataset, self.snapshot.identity
        specs = (dataset, snapshot.runtime, *snapshot.references)
        refuse_large_status(dataset)
        values, warnings = expect("values", self.values(), Transformed)
        expect("values", values, ChartValues)
        expect_items("values", warnings, SpecWarning)
        refuse_heavy(values, specs)
        owner = snapshot.owner_reference() if snapshot.runtime.uid else None
        mount = self._mount(values)
        volume = persistent_volume(identity, dataset, mount)
        rendering = Rendering(
            values=values,
            warnings=[
                *warnings,
                *volume_words(snapshot.runtime, volume),
                *metadata_warnings(snapshot.runtime, mount.metadata),
            ],
            children=chart_objects(
                self.chart, self.implementation, values, identity, owner, snapshot.runtime.resource.kind
            ),
            volume=volume,
            claim=persistent_volume_claim(identity, dataset, mount),
        )
        refuse_oversized([*rendering.children, rendering.volume, rendering.claim], specs)
        return rendering

    def _mount(self, values: V) -> FuseMount:
        """Where the FUSE pods mount: below the runtime's own directory, which no other runtime has."""
        mount, own = expect("fuse_mount", self.fuse_mount(values), FuseMount), self.snapshot.runtime.key
        below = f"{self.settings.host_path(self.runtime_type, *own)}/"
        if not mount.path.startswith(below) or ".." in mount.path.split("/"):
            raise UnfitError("fuse_mount", f"returned {mount.path[:200]!r}, which is not below {below}")
        return mount

    def _warn(self, warnings: Sequence[SpecWarning]) -> None:
        """Sets a condition while there are warnings, and records one event for each."""
        text = "; ".join(warning.message for warning in warnings)
        reason = warnings[0].reason if warnings else ""
        show_condition(self.plan.status, WARNED, reason, text or None, self.snapshot.now)
        for warning in warnings:
            notice = Notice("Warning", warning.reason, warning.message, on_dataset=True, shown_by=WARNED)
            self.plan.notices.append(notice)

    @property
    def _live(self) -> list[StatefulSet | DaemonSet]:
        names = self.workloads
        stateful = [self.snapshot.statefulset(name) for name in (names.master, names.workers) if name]
        found = [*stateful, self.snapshot.daemonset(names.fuse)]
        return [workload for workload in found if workload is not None]

    def _template_pending(self, workload: StatefulSet | DaemonSet) -> bool:
        """Whether the live template is older than the rendered one: new pods would be outdated too."""
        wanted = next((child for child in self.rendered if child.name == workload.name), None)
        return isinstance(wanted, StatefulSet | DaemonSet) and self.rolling.differs(wanted, workload)

    def _as_before(self, child: KubeObject) -> KubeObject:
        if isinstance(child, StatefulSet):
            before = self.snapshot.statefulset(child.name)
            child = keep_selector(keep_baseline(child, before), before)
            return keep_claims(keep_powers(child, before), before)
        if isinstance(child, ConfigMap) and child.name == self.value_file:
            return with_accepted_words(child, self.rendering.warnings, self.snapshot.config_map(child.name))
        if isinstance(child, DaemonSet):
            live, label = self.snapshot.daemonset(child.name), self.snapshot.identity.fuse_label
            child = with_granted_label(child, live, label, wanted=self.settings.restricted_fuse_labels)
            return keep_powers(keep_selector(keep_baseline(child, live), live), live)
        return child
