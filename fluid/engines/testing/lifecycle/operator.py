"""The operator over a simulated cluster: the real decisions, carried out as the controllers do it.

What decides is the code under test: `decide` with a real registration, `observe`, identities, the Dataset's
plan, the nodes' labels, port allocation and sampling times. Only the sending is played here.
"""

from collections.abc import Iterator, Mapping

from fluid.controllers import dataset_plan, deletion, snapshots
from fluid.controllers.binding import is_served, not_bindable
from fluid.controllers.identity import Claimant, recorded_identity, runtime_identity
from fluid.controllers.node_labels import Footprint, Worker, footprint_labels, plan_labels
from fluid.controllers.ports import PortAllocator
from fluid.controllers.snapshots import children_of
from fluid.engines.core.passes import decide
from fluid.engines.core.plan import Waiting
from fluid.engines.core.registration import EngineRegistration
from fluid.engines.core.settings import Settings
from fluid.engines.core.snapshot import Snapshot
from fluid.engines.testing.lifecycle.asking import Asker
from fluid.engines.testing.lifecycle.cluster import Cluster
from fluid.engines.testing.lifecycle.there import controller_of, status_of, there
from fluid.kube import Terminal
from fluid.models import Dataset, Node, OwnerReference, StatefulSet
from fluid.naming import DATASET_FINALIZER, DATASET_ID, WORKER_DATASET, joined
from fluid.types import Key, KubeObject


class Operator(Asker):
    """One operator process; everything in here is lost with it, and may be."""

    def __init__(
        self, cluster: Cluster, real: EngineRegistration[KubeObject], settings: Settings | None = None
    ) -> None:
        super().__init__(cluster, real)
        self.settings: Settings = settings or Settings()
        self.ports: PortAllocator = PortAllocator(self._ports_in_use, range(18000, 18020))

    def step(self) -> None:
        """One pass of every controller over everything."""
        self.asked.clear()
        self.note_deadline(False)
        for dataset in self.stores.datasets.all():
            self._pass_over_dataset(dataset)
        for runtime in self.stores.runtimes.all():
            self._pass_over_runtime(there(self.cluster.get(self.real.kind, runtime.key)))
        for node in self.stores.nodes.all():
            self._pass_over_node(node)

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
            found = dataset_plan.plan_blocked(dataset, verdict, self.now)
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

    def _pass_over_runtime(self, runtime: KubeObject) -> None:
        if runtime.metadata.deletion_timestamp is not None:
            self._delete_runtime(runtime)
            return
        dataset = self.cluster.get(Dataset, runtime.key)
        waiting = not_bindable(runtime, dataset, self.real.runtime_type)
        if waiting is not None and (dataset is None or not is_served(dataset, self.real.runtime_type)):
            return
        dataset = there(dataset)
        owner = OwnerReference(
            api_version=dataset.resource.api_version, kind="Dataset", name=dataset.name, uid=dataset.uid
        )
        label = {DATASET_ID: there(recorded_identity(dataset)).dataset_id}
        runtime = self._amend(runtime, self.real.finalizer, label, owner)
        snapshot, results = self.observe(runtime), self._answers(runtime.key)
        try:
            needed = self.real.ports_needed(runtime)
            ports = self.ports.allocate(runtime.uid, runtime.key, needed, dict(snapshot.ports))
        except Terminal as error:
            waiting = Waiting(error.reason, error.message, problem=True)
        else:
            snapshot = snapshot.with_ports(ports)
        rejection = waiting if waiting and waiting.problem else None
        plan = decide(self.real, snapshot, status_of(runtime), results, self.settings, rejection)
        self._carry_out(snapshot, plan)
        bound = plan.dataset_status.phase == "Bound"
        self._ask(snapshot, plan, keep=not snapshot.registered and not bound)
        if snapshot.registered and snapshot.sample_due and plan.sampled:
            self.sampler.record(runtime.key, plan.status.cache_states, False)

    def _delete_runtime(self, runtime: KubeObject) -> None:
        if self.real.finalizer not in (runtime.metadata.finalizers or ()):
            return
        snapshot = self.observe(runtime)
        plan = decide(self.real, snapshot, status_of(runtime), self._answers(runtime.key), self.settings)
        self._carry_out(snapshot, plan)
        if not plan.finished:
            self._ask(snapshot, plan, keep=False)
            return
        self._send("finalizer", runtime)
        self.cluster.drop_finalizer(runtime, self.real.finalizer)
        self.caches_of_results.pop(runtime.key, None)
        self.sampler.forget(runtime.key)
        self.ports.release(runtime.uid)

    def observe(self, runtime: KubeObject) -> Snapshot[KubeObject]:
        """What a pass over a runtime would see now."""
        children = children_of(self.stores, runtime.uid)
        return snapshots.observe(
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

    # Node controller.

    def _pass_over_node(self, node: Node) -> None:
        known = {
            runtime.uid: one for runtime in self.stores.runtimes.all() if (one := self._footprint(runtime))
        }
        here: set[str] = set()
        for pod in self.stores.pods.all():
            if there(pod.spec).node_name == node.name and WORKER_DATASET in (pod.metadata.labels or {}):
                workload = self.cluster.get(StatefulSet, Key(pod.namespace, pod.name.rpartition("-")[0]))
                if workload is not None and workload.uid == controller_of(pod):
                    here.add(controller_of(workload))
        workers = [Worker(known[uid], False) for uid in here if uid in known and not known[uid].leaving]
        live = node.metadata.labels or {}
        changes = plan_labels(live, workers, list(known.values()), [self.real.implementation])
        if changes:
            self._send("label", node)
            merged = {key: value for key, value in {**live, **changes}.items() if value is not None}
            self.cluster.change(node, metadata={"labels": merged})

    def _footprint(self, runtime: KubeObject) -> Footprint | None:
        identity = runtime_identity(runtime)
        if identity is None:
            return None
        labels = footprint_labels(identity, self.real.implementation, self.real.capacities(runtime))
        leaving = runtime.metadata.deletion_timestamp is not None
        unpublished = not deletion.is_published(self.stores.claims.get(runtime.key))
        return Footprint(identity, self.real.implementation, labels, leaving, unpublished)

    def _ports_in_use(self) -> Iterator[Mapping[str, int]]:
        for runtime in self.stores.runtimes.all():
            yield self.real.live_ports(runtime.key, children_of(self.stores, runtime.uid))


def _claimant(dataset: Dataset) -> Claimant:
    identity = recorded_identity(dataset)
    return Claimant(
        dataset.key,
        dataset.uid,
        there(dataset.metadata.creation_timestamp),
        identity.dataset_id if identity else None,
        dataset.metadata.deletion_timestamp is not None,
    )
