"""All that the author of an engine imports: the base class, what its methods give and take, and the kit.

An engine is a chart (Helm layout, jinja2), a values model, a subclass of `Engine`, and an
`EngineRegistration` that an entry point of the group ``fluid.engines`` names. A pass of the operator builds
an `Engine` from a frozen `Snapshot` and the `Results` of earlier queries; its methods say what the runtime
needs; the steps that all caches share (`fluid.engines.core.steps`) turn that into a plan, and the operator
applies it. Methods do no IO, read no clock and keep nothing: the same snapshot and results, the same plan.

    class HelloEngine(Engine[HelloRuntime, HelloValues]):
        runtime_type = chart = implementation = "hello"

        def components(self) -> Components:
            name = self.snapshot.runtime.name
            return Components(fuse=f"{name}-fuse", workers=f"{name}-worker", replicas=1)

        def values(self) -> Transformed[HelloValues]: ...
        def fuse_mount(self, values: HelloValues) -> FuseMount: ...

    def registration() -> EngineRegistration[HelloRuntime]:
        return registered(HelloEngine, HelloRuntime, "1.0", operations={...: load_by_reading})

What every engine needs has its name here. The rest of the kit is here by module, to be used as in
`tiers.levels_of(store)`; `__all__` says what each module is about. `docs/develop-a-runtime.md` walks through
all of it.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Generic, Unpack

from fluid import naming
from fluid.charts import ChartValues, Release, load_chart
from fluid.engines.core import demands
from fluid.engines.core.cache import Components
from fluid.engines.core.errors import (
    InvalidSpec,
    NamedObject,
    NotYet,
    SpecWarning,
    Subject,
    Whose,
    meaningless,
)
from fluid.engines.core.interface import Mounting
from fluid.engines.core.limits import refuse_heavy, refuse_impossible
from fluid.engines.core.operation import OperationRequest
from fluid.engines.core.plan import Plan
from fluid.engines.core.pod_pages import HttpAnswer, HttpGet
from fluid.engines.core.queries import ClaimVolume, Exec, ReadClaim, ReadConfigMap, Results
from fluid.engines.core.query import Query, QueryKind
from fluid.engines.core.registration import EngineRegistration, More, Reference
from fluid.engines.core.render import Fingerprint, RenderedCache, Transformed, V
from fluid.engines.core.settings import Settings
from fluid.engines.core.snapshot import R, Snapshot
from fluid.engines.core.spec_words import clean_policy_words
from fluid.engines.core.statistics import (
    CacheReport,
    ReportRequest,
    SourceCount,
    fields_by,
    human_size,
    labelled_sizes,
    leading_numbers,
    lines_of,
    parse_human_size,
)
from fluid.engines.core.steps import CacheSteps
from fluid.engines.core.teardown import CleanUp
from fluid.engines.core.variables import Image, variable
from fluid.engines.core.volumes import FuseMount
from fluid.engines.kit import (
    components,
    config_maps,
    options,
    pods,
    ports,
    profiles,
    secret_files,
    source_volumes,
    tiers,
    volumes,
)
from fluid.engines.kit.components import CacheValues, cache_values
from fluid.engines.kit.config_mounts import ConfigMounts, ConfigMountsSpec
from fluid.engines.kit.master_commands import MountCommands, incarnation
from fluid.engines.kit.mount_table import MountTable, MountTableSpec
from fluid.engines.kit.ports import PortTable
from fluid.engines.kit.prometheus import Sample, Samples, read_samples
from fluid.engines.kit.secret_files import plain_credentials, secret_variable
from fluid.engines.kit.sources import SecretOption, Source, read_only, shared_secret_options, sources_as
from fluid.engines.operations import databackup, dataload, reading
from fluid.engines.operations.reading import load_by_reading
from fluid.kube import ExecResult
from fluid.types import KubeObject

# The engine, what a pass knows, and how it is registered.
__all__ = ["Components", "Engine", "Fingerprint", "Plan", "Results", "Settings", "Snapshot", "Transformed"]
__all__ += ["EngineRegistration", "Image", "Reference", "registered", "variable"]
# Errors as data, and limits of what may be made of a spec.
__all__ += ["InvalidSpec", "NamedObject", "NotYet", "SpecWarning", "Subject", "Whose", "meaningless"]
__all__ += ["clean_policy_words", "refuse_heavy", "refuse_impossible"]
# Values of the chart, and where the FUSE pods mount.
__all__ += ["CacheValues", "ChartValues", "FuseMount", "Release", "cache_values", "load_chart"]
# Sources, and how they get into a cache: by commands in a master, or by a file that clients read.
__all__ += ["SecretOption", "Source", "plain_credentials", "read_only", "secret_variable", "sources_as"]
__all__ += ["shared_secret_options"]
__all__ += ["ConfigMounts", "ConfigMountsSpec", "MountCommands", "MountTable", "MountTableSpec", "Mounting"]
# Queries, and how what a cache prints is read.
__all__ += ["ClaimVolume", "CleanUp", "Exec", "ExecResult", "ReadClaim", "ReadConfigMap", "incarnation"]
__all__ += ["HttpAnswer", "HttpGet", "Query", "QueryKind", "Sample", "Samples", "read_samples"]
__all__ += ["CacheReport", "ReportRequest", "SourceCount", "human_size", "parse_human_size"]
__all__ += ["fields_by", "labelled_sizes", "leading_numbers", "lines_of"]
# Data operations: a loader by reading, what loaders of engines have in common, and where backups may go.
__all__ += ["OperationRequest", "databackup", "dataload", "load_by_reading", "reading"]
# The kit by module: values of components; pods' labels, images and places; a template and what overrides it.
__all__ += ["components", "pods", "profiles"]
# Volumes of pods, of sources and of cache directories; credentials and a user's ConfigMap as files.
__all__ += ["config_maps", "secret_files", "source_volumes", "tiers", "volumes"]
# Options of mounts and properties of components; host ports; names of labels and annotations.
__all__ += ["naming", "options", "ports"]
# What specs demand of nodes, for runtime policies.
__all__ += ["demands"]


class Engine(CacheSteps[R, V], ABC, Generic[R, V]):
    """One runtime of one kind in one pass; R is the runtime's model, V the chart's values model.

    What is there to work with:

    ``self.snapshot``   the runtime, its Dataset, live children, pods, volume, claim, nodes, given host ports
    ``self.results``    what earlier passes asked for and is known by now
    ``self.settings``   what the administrator set
    ``self.plan``       for `Plan.ask`, which asks a query once however often it is called
    ``self.dataset``    the Dataset, which is there whenever `values` is called
    ``self.rendering``  values, children, volume and claim, rendered once

    Three methods have to be written; each of the others has a default that says "this cache has no such
    thing". Any step of `fluid.engines.core.interface` can be overridden where a cache really differs in it.
    """

    @abstractmethod
    def components(self) -> Components:
        """Names of the workloads that the chart makes, and how many of them the user wants.

        Guarantees: Called once per pass, first of all. A component whose name is None is neither waited for
            nor reported: without `master` no cache is kept waiting for one, and needs none to be Bound.
        Assumptions: The names are those in the chart. Workers are in a StatefulSet, FUSE clients in a
            DaemonSet.
        Caveats: `self.snapshot.dataset` is None while a runtime is deleted whose Dataset is gone, and the
            references of the spec may be missing: read nothing but the runtime and its live children here.
        Errors: None may be raised.
        """

    @abstractmethod
    def values(self) -> Transformed[V]:
        """The chart's values, and warnings about what is carried out in a way worth a word.

        Guarantees: Called once for each combination of runtime, Dataset, references, host ports and `inputs`;
            what it gave is remembered. The rendered objects are checked before they are sent: sizes,
            policies, powers.
        Assumptions: The result depends on nothing else: no clock, no live status, no environment.
        Caveats: Every text of the specs is hostile. Give it to the chart as data (values pass YAML-safe
            filters), never to a shell. A changed value changes objects of every runtime when the operator is
            upgraded.
        Errors: InvalidSpec, where the specs ask for something impossible. What runs goes on as it was told
            before, and the Dataset shows the message.
        """

    @abstractmethod
    def fuse_mount(self, values: V) -> FuseMount:
        """Where the FUSE pods mount the cache on their nodes.

        Guarantees: PersistentVolume and claim are made from it; the node plugin waits for exactly this mount.
        Assumptions: The path is below the directory that `Settings.host_path` gives, which is the runtime's
            own, and the mount type is what the mount table of a node shows, or a part of it.
        Caveats: A volume that exists is never changed: another path counts for new volumes only.
        Errors: None may be raised.
        """

    def inputs(self) -> Fingerprint:
        """What goes into the values and is not in the snapshot, such as the keys of a user's ConfigMap.

        Guarantees: The pass ends when `NotYet` is raised, changes nothing, and runs again when a result is
            there.
        Assumptions: Each query is asked with `self.plan.ask` before it is looked up in `self.results`.
        Caveats: What is returned is compared, not read: return everything that the values depend on.
        Errors: NotYet, where a result is missing; InvalidSpec, where one says that it can never work.
        """
        return super().inputs()

    def mounts(self) -> Mounting | None:
        """How the Dataset's sources get into the cache: by commands, by a file, or another `Mounting`.

        Guarantees: Attached before workers come, recorded in `status.mounts`, kept equal to the Dataset while
            it changes, and given back to a master that was restarted. Pods whose template lacks what a change
            needs are replaced first, those with readers last.
        Assumptions: Made anew in each pass from the snapshot.
        Caveats: With None nobody mounts anything, and the Dataset's status shows neither mounts nor sizes.
        Errors: InvalidSpec, where a source cannot be mounted, from the methods of what is returned.
        """
        return super().mounts()

    def report(self) -> ReportRequest | None:
        """How the cache is asked how much it holds: of its master, or of each pod of a component.

        Guarantees: Asked during setup, after which it serves; when workers join; and when statistics are due.
            A cache that does not answer is `CacheNotAnswering`, is asked again with back-off, and is healthy
            once it answers.
        Assumptions: The commands change nothing and end within their timeout.
        Caveats: What pods print is hostile: bound it before it is parsed. A pod that fails is None in `read`;
            give a report of the others, or None for nonsense or when it would mislead.
        Errors: None may be raised.
        """
        return super().report()

    def count_sources(self) -> SourceCount | None:
        """How size and number of the files in the sources are found out.

        Guarantees: Called when a count is due and the cache has all mounts; nothing waits for the result.
        Assumptions: One query for each mount; the results are added up.
        Caveats: Counting may take minutes: set the timeout, and `background=True`. Give None in `read` for
            nonsense.
        Errors: None may be raised.
        """
        return super().count_sources()

    def clean_up(self) -> CleanUp | None:
        """How the cache is emptied before it goes away: by its master, or in each worker.

        Guarantees: Tried until all commands have succeeded, attempts or grace have run out: a deletion always
            ends.
        Assumptions: The commands may run again after they have succeeded.
        Caveats: Dataset, profile and pods may be gone: return None when there is nobody to ask.
        Errors: None may be raised.
        """
        return super().clean_up()

    def hcfs_endpoint(self) -> str | None:
        """Address for Hadoop-compatible clients, shown in `status.hcfs`.

        Guarantees: Written when it differs from what is there.
        Assumptions: Called once the runtime is rendered.
        Caveats: None leaves what is there.
        Errors: None may be raised.
        """
        return super().hcfs_endpoint()

    def gateway_endpoint(self) -> str | None:
        """Address of a REST gateway to the cache, shown in the runtime's `status.apiGateway`.

        Guarantees: Written with every pass; None takes it away.
        Assumptions: Called once the runtime is rendered.
        Caveats: None of the operator's own requests goes there.
        Errors: None may be raised.
        """
        return super().gateway_endpoint()

    def unvetted(self) -> Sequence[str]:
        """What the runtime policies in force do not allow of the spec itself, a sentence each.

        Guarantees: Pods are judged without it; this is for what does not show in them, such as a required
            profile.
        Assumptions: `self.settings.policies` are those in force for the runtime's namespace.
        Caveats: A sentence names the policy.
        Errors: None may be raised.
        """
        return super().unvetted()


def registered(
    engine: type[Engine[R, V]],
    kind: type[R],
    interface: str,
    *,
    ports: PortTable[R] | None = None,
    capacities: Callable[[R], Mapping[str, int]] = lambda _: {},
    operations: Mapping[str, Callable[[OperationRequest[R]], list[KubeObject]]] | None = None,
    references: Sequence[Reference[R]] = (),
    carries_references: Callable[[R], bool] | None = None,
    **more: Unpack[More],
) -> EngineRegistration[R]:
    """The registration of an engine, with a memory of renderings of its own.

    Args:
        engine: The engine; its `implementation` and `runtime_type` are those of the registration.
        kind: The model of its runtimes, whose `status` is a `RuntimeStatus`.
        interface: The version of this interface that the engine was written for: "1.0" now.
        ports: The host ports of its pods; without it they need none of their nodes.
        capacities: Cache bytes of one worker by medium ("MEM", "SSD", "HDD"), which labels of nodes tell;
            none without it.
        operations: Builders of workloads by the kind of data operation, such as `load_by_reading`.
        references: What else the runtimes name and the engine reads.
        carries_references: Whether a runtime may stand beside a Dataset that refers to another one.
        more: Further fields: `queries`, `settings`, `values`, `crds`, `children`, `rules`, `demands`.
    """
    renderings = RenderedCache[V]()

    def build(snapshot: Snapshot[R], results: Results, plan: Plan, settings: Settings) -> Engine[R, V]:
        return engine(snapshot, results, plan, settings, renderings)

    made = EngineRegistration(
        kind=kind,
        implementation=engine.implementation,
        runtime_type=engine.runtime_type,
        interface=interface,
        build=build,
        capacities=capacities,
        operations=operations or {},
        references=references,
        carries_references=carries_references,
        **more,
    )
    return replace(made, ports_needed=ports.needed, live_ports=ports.live) if ports else made
