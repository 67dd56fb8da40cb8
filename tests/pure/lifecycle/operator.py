# pyright: basic, reportOptionalMemberAccess=false, reportArgumentType=false, reportAttributeAccessIssue=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false, reportCallIssue=false, reportAssignmentType=false
# pyright: reportOptionalSubscript=false, reportOptionalOperand=false
"""The operator over a simulated cluster: the real decisions, carried out as the controllers do it.

What decides is the code under test: `decide` with a real registration, `observe`, identities, the Dataset's
plan, the nodes' labels, port allocation and sampling times. Only the sending is played here.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fluid.controllers import dataset_plan, deletion
from fluid.controllers.binding import is_served, not_bindable
from fluid.controllers.context import BY_CLAIM, BY_LABEL, BY_OWNER
from fluid.controllers.identity import Claimant, Identities, recorded_identity, runtime_identity
from fluid.controllers.node_labels import Footprint, Worker, footprint_labels, plan_labels
from fluid.controllers.ports import PortAllocator
from fluid.controllers.sampling import Sampler
from fluid.controllers.snapshots import children_of, observe
from fluid.engines.core import dataset_status, volume_lifecycle
from fluid.engines.core.passes import decide
from fluid.engines.core.plan import Plan, Waiting
from fluid.engines.core.queries import (
    ClaimUser,
    ClaimUsers,
    ClaimVolume,
    Exec,
    FailedCreate,
    ReadClaim,
    ReadConfigMap,
    Results,
)
from fluid.engines.core.settings import Settings
from fluid.engines.core.snapshot import Snapshot
from fluid.engines.jindo.registration import registration
from fluid.kube import DESIRED_HASH, Terminal
from fluid.kube.diff import covers, digest, without_repeats
from fluid.models import (
    ConfigMap,
    DaemonSet,
    Dataset,
    DatasetStatus,
    JindoRuntime,
    Node,
    OwnerReference,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    Service,
    StatefulSet,
)
from fluid.naming import DATASET_FINALIZER, DATASET_ID, MANAGED_BY, WORKER_DATASET, joined
from fluid.types import Key, KubeObject
from tests.pure.lifecycle.cluster import Cluster, incarnation

CHILDREN = (StatefulSet, DaemonSet, Service, ConfigMap)
JINDO = registration()
SETTINGS = Settings()


class Shelf:
    """A store over the cluster's objects of one kind that the informer's selector lets through."""

    def __init__(self, cluster: Cluster, kind, selects: Callable[[KubeObject], bool]) -> None:
        self.store = self
        self.cluster, self.kind, self.selects = cluster, kind, selects

    def get(self, key: Key):
        found = self.cluster.get(self.kind, key)
        return found if found is not None and self.selects(found) else None

    def all(self) -> list:
        return [obj for obj in self.cluster.all(self.kind) if self.selects(obj)]

    def by(self, index: str, value: str) -> list:
        return [obj for obj in self.all() if value in _indexed(index, obj)]


def _indexed(index: str, obj) -> list[str]:
    match index:
        case name if name == BY_OWNER:
            return [owner.uid for owner in obj.metadata.owner_references or () if owner.controller]
        case name if name == BY_CLAIM:
            return [f"{obj.spec.claim_ref.namespace}/{obj.spec.claim_ref.name}"]
        case name if name == BY_LABEL:
            return list(obj.metadata.labels or ())
    raise KeyError(index)


class Stores:
    """What `Informers` is to the controllers."""

    def __init__(self, cluster: Cluster, kind) -> None:
        def managed(obj: KubeObject) -> bool:
            return (obj.metadata.labels or {}).get(MANAGED_BY) == "fluid"

        def of_dataset(obj: KubeObject) -> bool:
            return DATASET_ID in (obj.metadata.labels or {})

        def everything(_: KubeObject) -> bool:
            return True

        self.owned = [Shelf(cluster, kind, managed) for kind in CHILDREN]
        self.pods = Shelf(cluster, Pod, managed)
        self.volumes = Shelf(cluster, PersistentVolume, of_dataset)
        self.claims = Shelf(cluster, PersistentVolumeClaim, of_dataset)
        self.datasets = Shelf(cluster, Dataset, everything)
        self.runtimes = Shelf(cluster, kind, everything)
        self.nodes = Shelf(cluster, Node, everything)


@dataclass
class ResultCache:
    """What query_runner remember for one runtime."""

    results: dict = field(default_factory=dict)
    waiting: list = field(default_factory=list)
    fresh: set = field(default_factory=set)
    useless: bool = False

    @property
    def failed(self) -> bool:
        return self.useless or any(
            answer is None or getattr(answer, "exit_code", 0) != 0 for answer in self.results.values()
        )


class Operator:
    """One operator process; everything in here is lost with it, and may be."""

    lag = timedelta()
    """How far the operator's clock is behind that of the cluster."""

    def __init__(self, cluster: Cluster, real=None) -> None:
        self.cluster = cluster
        self.real = real or JINDO
        self.stores = Stores(cluster, self.real.kind)
        self.notebooks: dict[Key, ResultCache] = {}
        self.looks: dict[Key, dict] = {}
        """What is said of the pods of workloads that lack some; None before the first look."""
        self.identities = Identities()
        self.ports = PortAllocator(self._ports_in_use, range(18000, 18020))
        self.sampler = Sampler(clock=lambda: self.cluster.now.timestamp())
        self.written: dict[str, float] = {}
        self.deadline = False
        """Whether a pass of the latest step asked to be woken at a time."""
        self.settled: dict[str, tuple] = {}
        """Version of a child, and the object that it covers."""
        self.asked: list = []
        """Queries of the latest pass."""

    def step(self) -> None:
        """One pass of every controller over everything."""
        self.asked, self.deadline = [], False
        for dataset in self.stores.datasets.all():
            self._pass_over_dataset(dataset)
        for runtime in self.stores.runtimes.all():
            self._pass_over_runtime(self.cluster.get(self.real.kind, runtime.key))
        for node in self.stores.nodes.all():
            self._pass_over_node(node)

    @property
    def has_news(self) -> bool:
        """Whether results are there, or on their way, that no pass has seen."""
        return self.deadline or any(book.waiting or book.fresh for book in self.notebooks.values())

    def run_errands(self) -> None:
        """Everything asked for is answered, unless it hangs; failures have waited long enough."""
        for key, result_cache in list(self.notebooks.items()):
            if result_cache.failed and not result_cache.waiting:
                result_cache.results.clear()
                result_cache.useless = False
                self.deadline = True  # the end of a back-off event_handlers the runtime
            for query in list(result_cache.waiting):
                answer, known = self._answer(query)
                if known:
                    result_cache.waiting.remove(query)
                    result_cache.results[query] = answer
                    result_cache.fresh.add(query)
            if self.cluster.get(self.real.kind, key) is None:
                del self.notebooks[key]
        for looks in self.looks.values():
            for query, before in looks.items():
                looks[query] = self.cluster.refuses.get(query.workload.name, "")
                self.deadline = self.deadline or looks[query] != before

    def time_out(self) -> None:
        """Commands that hang reach their deadline."""
        from fluid.kube import ExecResult

        for result_cache in self.notebooks.values():
            for query in result_cache.waiting:
                result_cache.results[query] = ExecResult(exit_code=-1, stdout="", stderr="no answer in time")
                result_cache.fresh.add(query)
            result_cache.waiting.clear()

    def _answer(self, query) -> tuple[object, bool]:
        match query:
            case Exec():
                pod = self.cluster.get(Pod, query.pod)
                answer = self.cluster.caches.answer(query, incarnation(pod) if pod else "")
                return answer, answer is not None
            case ReadConfigMap():
                found = self.cluster.get(ConfigMap, query.key)
                return (frozenset(found.data or ()) if found else None), True
            case ReadClaim():
                claim = self.cluster.get(PersistentVolumeClaim, query.key)
                bound = claim is not None and claim.status is not None and claim.status.phase == "Bound"
                return (ClaimVolume() if bound else None), True
            case ClaimUsers():
                nodes = self.cluster.readers.get(query.key, set())
                return tuple(ClaimUser(f"reader-{node}", node) for node in sorted(nodes)), True
        raise AssertionError(query)

    # Dataset controller.

    def _pass_over_dataset(self, dataset: Dataset) -> None:
        cluster, now = self.cluster, self.now
        if dataset.metadata.deletion_timestamp is not None:
            self._delete_dataset(dataset)
            return
        verdict = dataset_plan.refusal(dataset)
        runtime = cluster.get(self.real.kind, dataset.key)
        leaving = runtime is not None and runtime.metadata.deletion_timestamp is not None
        if verdict is None:
            dataset = self._identify(dataset)
            kind = self.real.kind.__name__
            here = [kind] if runtime is not None and not leaving else []
            verdict = dataset_plan.outlook(dataset, here, [kind])
        status = dataset_plan.plan_status(dataset, verdict, now, leaving=leaving)
        if status is not None:
            self._apply_dataset_status(dataset, status, "fluid-dataset")

    def _identify(self, dataset: Dataset) -> Dataset:
        spelling = joined(*dataset.key)
        rivals = [_claimant(one) for one in self.stores.datasets.all() if joined(*one.key) == spelling]
        mine = next(one for one in rivals if one.key == dataset.key)
        volume = self.stores.volumes.get(Key("", spelling))
        label = self.identities.decide(mine, rivals, volume)
        return self._amend(dataset, DATASET_FINALIZER, {DATASET_ID: label})

    def _delete_dataset(self, dataset: Dataset) -> None:
        if DATASET_FINALIZER not in (dataset.metadata.finalizers or ()):
            return
        published = deletion.is_published(self.stores.claims.get(dataset.key))
        pods = [f"reader-{node}" for node in self.cluster.readers.get(dataset.key, ())] if published else []
        verdict = deletion.blocked(dataset, pods, [])
        if verdict is not None:
            found = dataset_plan.plan_blocked(dataset, verdict, [], self.now)
            if found is not None:
                self._apply_dataset_status(dataset, found[0], "fluid-dataset")
            return
        runtime = self.cluster.get(self.real.kind, dataset.key)
        if runtime is not None and any(
            one.uid == dataset.uid for one in runtime.metadata.owner_references or ()
        ):
            self._send("delete", runtime)
            self.cluster.delete(runtime)
        self._send("finalizer", dataset)
        self.cluster.drop_finalizer(dataset, DATASET_FINALIZER)
        self.identities.forget(dataset.key)

    # Runtime controller.

    def _pass_over_runtime(self, runtime: JindoRuntime) -> None:
        if runtime.metadata.deletion_timestamp is not None:
            self._delete_runtime(runtime)
            return
        dataset = self.cluster.get(Dataset, runtime.key)
        waiting = not_bindable(runtime, dataset, self.real.runtime_type)
        if waiting is not None and (dataset is None or not is_served(dataset, self.real.runtime_type)):
            return
        owner = OwnerReference(
            api_version=dataset.resource.api_version, kind="Dataset", name=dataset.name, uid=dataset.uid
        )
        label = {DATASET_ID: recorded_identity(dataset).dataset_id}
        runtime = self._amend(runtime, self.real.finalizer, label, owner)
        snapshot, results = self._observe(runtime), self._answers(runtime.key)
        try:
            needed = self.real.ports_needed(runtime)
            ports = self.ports.allocate(runtime.uid, runtime.key, needed, dict(snapshot.ports))
        except Terminal as error:
            waiting = Waiting(error.reason, error.message, problem=True)
        else:
            snapshot = snapshot.with_ports(ports)
        rejection = waiting if waiting and waiting.problem else None
        plan = decide(self.real, snapshot, runtime.status, results, SETTINGS, rejection)
        self._carry_out(snapshot, plan)
        bound = plan.dataset_status.phase == "Bound"
        self._ask(snapshot, plan, keep=not snapshot.registered and not bound)
        if snapshot.registered and snapshot.sample_due and plan.sampled:
            self.sampler.record(runtime.key, plan.status.cache_states, False)

    def _delete_runtime(self, runtime: JindoRuntime) -> None:
        if self.real.finalizer not in (runtime.metadata.finalizers or ()):
            return
        snapshot = self._observe(runtime)
        plan = decide(self.real, snapshot, runtime.status, self._answers(runtime.key), SETTINGS)
        self._carry_out(snapshot, plan)
        if not plan.finished:
            self._ask(snapshot, plan, keep=False)
            return
        self._send("finalizer", runtime)
        self.cluster.drop_finalizer(runtime, self.real.finalizer)
        self.notebooks.pop(runtime.key, None)
        self.sampler.forget(runtime.key)
        self.ports.release(runtime.uid)

    @property
    def now(self) -> datetime:
        """The time as the operator's own clock tells it."""
        return self.cluster.now - self.lag

    def _observe(self, runtime: JindoRuntime) -> Snapshot:
        children = children_of(self.stores, runtime.uid)
        return observe(
            self.stores,
            runtime,
            self.now,
            children,
            self.real.live_ports(runtime.key, children),
            implementation=self.real.implementation,
            sample_due=self.sampler.due(runtime.key, False),
            references=[
                found
                for reference in self.real.references
                for key in reference.keys(runtime)
                if (found := self.cluster.get(reference.kind, key)) is not None
            ],
        )

    def _answers(self, key: Key) -> Results:
        result_cache = self.notebooks.get(key, ResultCache())
        sorts = {Exec: {}, ReadConfigMap: {}, ClaimUsers: {}, ReadClaim: {}}
        for query, answer in result_cache.results.items():
            sorts[type(query)][query] = answer
        fresh = frozenset(result_cache.fresh)
        result_cache.fresh.clear()
        refusals = {one: words for one, words in self.looks.get(key, {}).items() if words is not None}
        return Results(
            sorts[Exec], sorts[ReadConfigMap], sorts[ClaimUsers], sorts[ReadClaim], fresh, refusals
        )

    def _ask(self, snapshot: Snapshot, plan: Plan, *, keep: bool) -> None:
        before = self.looks.get(snapshot.runtime.key, {})
        lasting = [q for q in plan.queries if isinstance(q, FailedCreate)]
        if not plan.partial:
            self.looks[snapshot.runtime.key] = {q: before.get(q) for q in lasting}
        result_cache = self.notebooks.setdefault(snapshot.runtime.key, ResultCache())
        asked = [q for q in plan.queries if q not in lasting]
        unknown = [q for q in asked if q not in result_cache.results and q not in result_cache.waiting]
        self.asked += [] if snapshot.sample_due else unknown
        result_cache.useless = result_cache.useless or bool(plan.useless)
        busy = any(not getattr(q, "background", False) for q in result_cache.waiting)
        batch = [q for q in unknown if not getattr(q, "background", False)]
        result_cache.waiting += [q for q in unknown if getattr(q, "background", False)]
        if batch and not busy:
            result_cache.waiting += batch
        elif not result_cache.waiting and not result_cache.failed and not keep:
            del self.notebooks[snapshot.runtime.key]

    def _carry_out(self, snapshot: Snapshot, plan: Plan) -> None:
        runtime, cluster = snapshot.runtime, self.cluster
        if not self._looks_after_readers(snapshot):
            self.deadline = self.deadline or plan.requeue_after is not None
        deleting = runtime.metadata.deletion_timestamp is not None
        if not deleting:
            self._converge(snapshot, plan)
        for obj in plan.create:
            if cluster.get(type(obj), obj.key) is None:
                self._send("create", obj)
                cluster.create(obj)
        for obj in plan.delete:
            self._send("delete", obj)
            cluster.delete(obj)
        for claim in plan.remove_finalizers:
            assert not cluster.readers.get(claim.key), "a pod reads"
            self._send("finalizer", claim)
            cluster.drop_finalizer(claim, volume_lifecycle.PROTECTION)
        for touch in plan.annotate_pods:
            self._send("touch", touch.pod)
            pod = cluster.get(Pod, touch.pod.key)
            merged = {**(pod.metadata.annotations or {}), **touch.annotations}
            cluster.change(pod, metadata={"annotations": merged})
        if plan.annotations:
            self._send("annotate", runtime)
            merged = {**(runtime.metadata.annotations or {}), **plan.annotations}
            cluster.change(runtime, metadata={"annotations": merged})
        if not deleting and self._worth_writing(snapshot, plan):
            live = cluster.get(self.real.kind, runtime.key)
            if live.status is None or live.status.to_wire() != plan.status.to_wire():
                self._send("status", runtime)
                cluster.change(runtime, status=plan.status)
        dataset = snapshot.dataset
        if dataset is None or (dataset.metadata.deletion_timestamp is not None and deleting):
            return
        if dataset_status.owned_part(dataset).to_wire() != plan.dataset_status.to_wire():
            self._apply_dataset_status(dataset, plan.dataset_status, "fluid-runtime")

    def _looks_after_readers(self, snapshot: Snapshot) -> bool:
        """Whether it comes back now and then only to see who still reads what was deleted, or is old."""
        published = [one for one in (snapshot.claim, snapshot.volume) if one is not None]
        since = [one.metadata.deletion_timestamp for one in published if one.metadata.deletion_timestamp]
        status = snapshot.dataset.status if snapshot.dataset is not None else None
        conditions = (status.conditions if status is not None else None) or ()
        since += [one.last_transition_time for one in conditions if one.type == "Updating"]
        known = (
            bool(since) and (self.cluster.now - min(since)).total_seconds() > 2 * volume_lifecycle.PATIENCE
        )
        return known and bool(self.cluster.readers.get(snapshot.runtime.key))

    def _worth_writing(self, snapshot: Snapshot, plan: Plan) -> bool:
        problem = plan.waiting is not None and plan.waiting.problem
        if snapshot.registered or plan.dataset_status.phase == "Bound" or problem:
            return True
        uid, now = snapshot.runtime.uid, self.cluster.now.timestamp()
        if self.written.get(uid, 0) + 1.0 > now:
            self.deadline = True
            return False
        self.written[uid] = now
        return True

    def _converge(self, snapshot: Snapshot, plan: Plan) -> None:
        wanted = {(type(child), child.key) for child in plan.children}
        for child in plan.children:
            self._apply(child)
        for live in children_of(self.stores, snapshot.runtime.uid):
            kept = (live.kind, live.name) in plan.keep
            if (type(live), live.key) not in wanted and not kept and live.metadata.deletion_timestamp is None:
                self._send("prune", live)
                self.cluster.delete(live)

    def _apply(self, child: KubeObject) -> None:
        visible = next(shelf for shelf in self.stores.owned if shelf.kind is type(child)).get(child.key)
        version, covered = self.settled.get(visible.uid, ("", None)) if visible is not None else ("", None)
        if visible is not None and version == visible.metadata.resource_version and covered is child:
            return
        wire = {
            name: without_repeats(value, name) for name, value in child.to_wire().items() if name != "status"
        }
        stamp = {**(wire["metadata"].get("annotations") or {}), DESIRED_HASH: digest(wire)}
        stamped = {**wire, "metadata": {**wire["metadata"], "annotations": stamp}}
        hash_there = visible and (visible.metadata.annotations or {}).get(DESIRED_HASH) == stamp[DESIRED_HASH]
        if visible is not None and hash_there and covers(visible.to_wire(), stamped):
            self.settled[visible.uid] = (visible.metadata.resource_version, child)
            return
        self._send("apply", child)
        live = self.cluster.get(type(child), child.key)
        applied = type(child).model_validate(stamped)
        if live is None:
            self.cluster.create(applied)
            return
        assert _immutable(live) == _immutable(applied), f"{live.kind} {live.key}: the API server refuses this"
        parts = {name: getattr(applied, name) for name in ("spec", "data") if hasattr(applied, name)}
        metadata = {name: getattr(applied.metadata, name) for name in ("labels", "annotations")}
        self.cluster.change(
            live, **parts, metadata={**metadata, "owner_references": applied.metadata.owner_references}
        )

    def _amend(self, obj, finalizer: str, labels: dict[str, str], owner: OwnerReference | None = None):
        metadata = obj.metadata
        changes = {}
        if finalizer not in (metadata.finalizers or ()):
            changes["finalizers"] = [*(metadata.finalizers or ()), finalizer]
        if any((metadata.labels or {}).get(name) != value for name, value in labels.items()):
            changes["labels"] = {**(metadata.labels or {}), **labels}
        if owner is not None and all(one.uid != owner.uid for one in metadata.owner_references or ()):
            changes["owner_references"] = [*(metadata.owner_references or ()), owner]
        if not changes:
            return obj
        self._send("amend", obj)
        return self.cluster.change(obj, metadata=changes)

    def _apply_dataset_status(self, dataset: Dataset, part: DatasetStatus, manager: str) -> None:
        self._send("status", dataset)
        live = self.cluster.get(Dataset, dataset.key)
        owners = {**self.cluster.owners.get(dataset.uid, {})}
        before, wanted = _fields(live.status), _fields(part)
        after = {
            path: value for path, value in before.items() if owners.get(path) != manager or path in wanted
        }
        after |= wanted
        owners |= dict.fromkeys(wanted, manager)
        self.cluster.owners[dataset.uid] = {path: owner for path, owner in owners.items() if path in after}
        conditions = [value for path, value in after.items() if path.startswith("conditions/")]
        rest = {path: value for path, value in after.items() if not path.startswith("conditions/")}
        self.cluster.change(live, status=DatasetStatus.model_validate({**rest, "conditions": conditions}))

    # Node controller.

    def _pass_over_node(self, node: Node) -> None:
        known = {
            runtime.uid: one for runtime in self.stores.runtimes.all() if (one := self._footprint(runtime))
        }
        here = set()
        for pod in self.stores.pods.all():
            if pod.spec.node_name == node.name and WORKER_DATASET in (pod.metadata.labels or {}):
                workload = self.cluster.get(StatefulSet, Key(pod.namespace, pod.name.rpartition("-")[0]))
                if workload is not None and workload.uid == pod.metadata.owner_references[0].uid:
                    here.add(workload.metadata.owner_references[0].uid)
        workers = [Worker(known[uid], False) for uid in here if uid in known and not known[uid].leaving]
        live = node.metadata.labels or {}
        changes = plan_labels(live, workers, list(known.values()), [self.real.implementation])
        if changes:
            self._send("label", node)
            merged = {key: value for key, value in {**live, **changes}.items() if value is not None}
            self.cluster.change(node, metadata={"labels": merged})

    def _footprint(self, runtime: JindoRuntime) -> Footprint | None:
        identity = runtime_identity(runtime)
        if identity is None:
            return None
        labels = footprint_labels(identity, self.real.implementation, self.real.capacities(runtime))
        leaving = runtime.metadata.deletion_timestamp is not None
        unpublished = not deletion.is_published(self.stores.claims.get(runtime.key))
        return Footprint(identity, self.real.implementation, labels, leaving, unpublished)

    def _ports_in_use(self):
        for runtime in self.stores.runtimes.all():
            yield self.real.live_ports(runtime.key, children_of(self.stores, runtime.uid))

    def _send(self, verb: str, obj: KubeObject) -> None:
        self.cluster.writes.append(f"{verb} {obj.kind} {obj.key}")


def _claimant(dataset: Dataset) -> Claimant:
    identity = recorded_identity(dataset)
    return Claimant(
        dataset.key,
        dataset.uid,
        dataset.metadata.creation_timestamp,
        identity.dataset_id if identity else None,
        dataset.metadata.deletion_timestamp is not None,
    )


def _fields(status: DatasetStatus | None) -> dict:
    wire = status.to_wire() if status else {}
    conditions = {f"conditions/{one['type']}": one for one in wire.pop("conditions", None) or ()}
    return {**wire, **conditions}


def _immutable(obj) -> tuple:
    if not isinstance(obj, StatefulSet):
        return ()
    spec = obj.spec
    return (spec.selector.to_wire(), spec.service_name, spec.pod_management_policy)
