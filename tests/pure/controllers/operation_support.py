# pyright: basic
"""A cluster for the operation reconciler: the in-memory API server, stores fed by hand, a clock, woken keys.

Nothing runs in the background: a test decides when a store hears of a change, and only keys that a source
of the controller has named are reconciled, so that a missing wake-up shows as a test that does not settle.
"""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx2

from fluid.controllers.context import Context, Informers
from fluid.controllers.lasting_queries import LastingQueries
from fluid.controllers.operation import OperationReconciler
from fluid.controllers.operations.job_observer import JobObserver
from fluid.controllers.operations.pod_logs import PodLogs
from fluid.controllers.query_executor import QueryExecutor
from fluid.engines.core.errors import InvalidSpec, NamedObject
from fluid.engines.core.operation import OperationRequest
from fluid.engines.core.queries import FailedCreate, Results
from fluid.engines.core.registration import EngineRegistration
from fluid.engines.core.registry import Registry
from fluid.engines.core.settings import Settings
from fluid.engines.kit.pods import dataflow_annotations
from fluid.kube import Connection, InformerFactory, KubeError, Reflector
from fluid.kube.events import Recorder
from fluid.kube.metrics import Metrics
from fluid.kube.store import Entry
from fluid.kube.wire import slim
from fluid.models import ConfigMap, CronJob, DataLoad, DataProcess, JindoRuntime, Job
from fluid.naming import PROGRESS_FROM
from fluid.types import Key, KubeObject
from tests.harness.server import FakeServer, Json

NS = "team"
LOADS, PROCESSES = "data.fluid.io/v1alpha1/dataloads", "data.fluid.io/v1alpha1/dataprocesses"
DATASETS = "data.fluid.io/v1alpha1/datasets"
RUNTIMES = "data.fluid.io/v1alpha1/jindoruntimes"
JOBS, CRON_JOBS, CONFIG_MAPS, PODS = "batch/v1/jobs", "batch/v1/cronjobs", "v1/configmaps", "v1/pods"
NODES = "v1/nodes"
STATEFULSETS = "apps/v1/statefulsets"
OWNED = (JOBS, CRON_JOBS, CONFIG_MAPS, STATEFULSETS, "v1/services")
RELEASES = {LOADS: "loader", PROCESSES: "processor"}
SCRIPT: Json = {"script": {"image": "busybox", "source": "true"}}
POD: Json = {"job": {"podSpec": {"containers": [{"name": "main", "image": "busybox"}]}}}
OPERATIONS = Registry.discover().operations
START = datetime(2026, 1, 1, tzinfo=UTC)


class Crash(Exception):  # noqa: N818 - it is what happens, not an error
    """The operator was killed at this instruction."""


class Refusals(LastingQueries):
    """Knows at once what is to be known, and wakes nobody."""

    def __init__(self, connection: Connection, refuses: Mapping[str, str]) -> None:
        super().__init__(QueryExecutor(connection))
        self._refuses = refuses

    def listen(self, asker, queries, wake):
        words = {
            one: self._refuses.get(one.workload.name) for one in queries if isinstance(one, FailedCreate)
        }
        return Results({query: said for query, said in words.items() if said is not None})


class Events(Recorder):
    """Notes events instead of sending them."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, str]] = []

    def event(self, about, type, reason, message) -> None:  # noqa: A002 - the parent's name
        self.seen.append((about.name, type, reason))


def load_objects(request: OperationRequest[JindoRuntime]) -> list[KubeObject]:
    """What an engine would build, as small as it gets."""
    operation = request.operation
    assert isinstance(operation, DataLoad)
    me, runtime = NamedObject.of(operation), NamedObject.of(request.runtime)
    if "refuse" in (operation.spec.options or {}):
        raise InvalidSpec(me, "spec.options", "refuse is not an option", "Remove it")
    if request.runtime.spec.replicas == 0:
        raise InvalidSpec(runtime, "spec.replicas", "is 0, and nobody takes the data", "Set it")
    metadata = {
        "name": f"{operation.name}-loader-job",
        "namespace": operation.namespace,
        "labels": {"fluid.io/managed-by": "fluid", "release": f"{operation.name}-loader"},
    }
    pod: Json = {"containers": [{"name": "dataloader"}], "restartPolicy": "Never"}
    if operation.spec.affinity:
        pod["affinity"] = operation.spec.affinity.to_wire()
    template: Json = {"template": {"metadata": {"labels": metadata["labels"]}, "spec": pod}}
    template["template"]["metadata"]["annotations"] = dataflow_annotations(operation)
    if "progress" in (operation.spec.options or {}):
        template["template"]["metadata"]["annotations"] = {PROGRESS_FROM: "dataloader"}
    script = ConfigMap.model_validate({"metadata": metadata, "data": {"load": "true"}})
    script.metadata.name = f"{operation.name}-loader-data-load-script"
    if operation.spec.policy == "Cron":
        cron = {"schedule": operation.spec.schedule, "jobTemplate": {"spec": template}}
        return [script, CronJob.model_validate({"metadata": metadata, "spec": cron})]
    return [script, Job.model_validate({"metadata": metadata, "spec": template})]


def engine(operations: Mapping | None = None) -> EngineRegistration:
    def unused(*_: object):
        raise AssertionError("the operation controller asks for operations alone")

    parts: dict[str, Any] = {part.name: unused for part in fields(EngineRegistration)}
    parts |= {"kind": JindoRuntime, "runtime_type": "jindo", "children": ()}
    parts["operations"] = {"DataLoad": load_objects} if operations is None else operations
    return EngineRegistration(**parts)


Work = tuple[str, Key]
"""A collection of operations, and one of them."""


class Cluster:
    """The cluster, one operator process on it, and what a user, a Job and the garbage collector do."""

    def __init__(self) -> None:
        self.server = FakeServer()
        self.server.faults.append(self._fault)
        self.now = START
        self.events = Events()
        self.deadlines: dict[Work, datetime] = {}
        self.woken: dict[Work, None] = {}
        self.asked_for: dict[Work, float] = {}
        """In how many seconds the latest change of a source asked for a pass."""
        self.writes_left: int | None = None
        self.registry = Registry({"JindoRuntime": engine()}, OPERATIONS)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> "Cluster":
        self.connection: Connection = await self._stack.enter_async_context(self.server.connect())
        self.restart()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    # The operator.

    def restart(self) -> None:
        """A new process, which knows nothing."""
        self.woken, self.deadlines, self.writes_left = {}, {}, None
        self.informer_factory = InformerFactory(self.connection)
        context = Context(
            connection=self.connection,
            informer_factory=self.informer_factory,
            recorder=self.events,
            metrics=Metrics(),
            registry=self.registry,
            settings=Settings(),
            informers=Informers.by(self.informer_factory, None, (), self.registry.controlled_kinds),
            clock=lambda: self.now,
        )
        self.sources: dict[str, Reflector] = {
            LOADS: self.informer_factory.of(DataLoad),
            PROCESSES: self.informer_factory.of(DataProcess),
            DATASETS: context.informers.datasets,
            RUNTIMES: self.informer_factory.of(JindoRuntime),
            JOBS: context.informers.jobs,
            CRON_JOBS: context.informers.cron_jobs,
            STATEFULSETS: context.informers.statefulsets,
            CONFIG_MAPS: context.informers.config_maps,
            PODS: context.informers.pods,
            NODES: context.informers.nodes,
        }
        self.refuses: dict[str, str] = {}
        """What the API server says of the pods of Jobs, by their names; nothing of others is known yet."""
        job_observer = JobObserver(PodLogs(self.connection), Refusals(self.connection, self.refuses))
        self.reconcilers = {
            LOADS: OperationReconciler(
                context, self.registry.operations["DataLoad"], job_observer=job_observer
            ),
            PROCESSES: OperationReconciler(
                context, self.registry.operations["DataProcess"], job_observer=job_observer
            ),
        }
        for collection, reconciler in self.reconcilers.items():
            wake = partial(self._wake, collection)
            setattr(reconciler.controller(), "enqueue", wake)  # noqa: B010 - a seam of the test alone
        self.deliver()
        self.woken |= dict.fromkeys(self.operations())

    def deliver(self) -> None:
        """The stores hear of everything that has happened."""
        for collection, reflector in self.sources.items():
            model = reflector.store.model
            selects = reflector._selects or (lambda _: True)
            entries = [
                Entry(model, slim(httpx2.Response(200, json=obj).json()))
                for obj in self.server.objects.get(collection, {}).values()
                if selects(obj["metadata"].get("labels") or {})
            ]
            reflector.store.replace(entries, self.server.version)

    def operations(self) -> list[Work]:
        """All operations that the stores know."""
        return [(kind, key) for kind in self.reconcilers for key in self.sources[kind].store.keys()]  # noqa: SIM118 - a store is no mapping

    async def step(self, work: Work) -> None:
        """One pass over one operation; a failed request is tried again later."""
        self.woken.pop(work, None)
        self.deadlines.pop(work, None)
        try:
            result = await self.reconcilers[work[0]].reconcile(work[1])
        except KubeError:
            self.woken[work] = None
        else:
            if result.requeue_after is not None:
                self.deadlines[work] = self.now + timedelta(seconds=result.requeue_after)

    async def settle(self) -> None:
        """Until nothing is left to do: only keys that a source has named, or whose deadline has come."""
        for _ in range(300):
            self.collect_garbage()
            self.deliver()
            due = [work for work, deadline in self.deadlines.items() if deadline <= self.now]
            queue = [*self.woken, *due]
            if not queue:
                return
            await self.step(queue[0])
        raise AssertionError(f"no end: {list(self.woken)}")

    async def sweep(self) -> list[str]:
        """The writes that one more pass over everything sends."""
        before = len(self.server.writes())
        for collection, key in self.operations():
            await self.reconcilers[collection].reconcile(key)
        return self.server.writes()[before:]

    def _wake(self, collection: str, key: Key, after: float = 0.0) -> None:
        self.woken[collection, key] = None
        self.asked_for[collection, key] = after

    def _fault(self, request: httpx2.Request) -> httpx2.Response | None:
        if self.writes_left is not None and request.method != "GET":
            if self.writes_left == 0:
                raise Crash
            self.writes_left -= 1
        return None

    # The users and the rest of the cluster.

    def put(self, collection: str, name: str, **fields: Json) -> Json:
        old = {
            part: value
            for part, value in (self.server.get(collection, NS, name) or {}).items()
            if part == "status"
        }
        return self.server.put(collection, {**old, "metadata": {"name": name, "namespace": NS}, **fields})

    def bind(self, name: str, phase: str = "Bound") -> None:
        """A Dataset with its runtime; what others wrote into its status stays."""
        self.put(RUNTIMES, name, spec={})
        status = (self.server.get(DATASETS, NS, name) or {}).get("status", {})
        runtimes = [{"name": name, "namespace": NS, "category": "Accelerate", "type": "jindo"}]
        status = {**status, "conditions": [], "phase": phase, "runtimes": runtimes}
        self.put(DATASETS, name, spec={}, status=status)

    def load(self, name: str, annotations: Mapping[str, str] | None = None, **spec: object) -> Json:
        metadata = {"name": name, "namespace": NS, "annotations": dict(annotations or {})}
        return self.put(LOADS, name, metadata=metadata, spec={"dataset": {"name": "hbase"}, **spec})

    def node(self, name: str, **labels: str) -> None:
        self.server.put(NODES, {"metadata": {"name": name, "labels": labels}})

    def process(self, name: str, processor: Json = SCRIPT, **spec: object) -> Json:
        dataset = {"name": "hbase", "mountPath": "/data"}
        return self.put(PROCESSES, name, spec={"dataset": dataset, "processor": processor, **spec})

    def delete(self, collection: str, name: str) -> None:
        """As a user does: finalizers are waited for."""
        obj = self.server.get(collection, NS, name)
        if obj is None:
            return
        if obj["metadata"].get("finalizers"):
            metadata = {**obj["metadata"], "deletionTimestamp": self.spelled(self.now)}
            self.server.put(collection, {**obj, "metadata": metadata})
        else:
            self.server.remove(collection, NS, name)

    def finish(self, job: str, outcome: str = "Complete", **annotations: str) -> None:
        """A Job ends; as since Kubernetes 1.31, its first condition is not the last word."""
        first = "SuccessCriteriaMet" if outcome == "Complete" else "FailureTarget"
        ended = {"status": "True", "reason": "Test", "lastTransitionTime": self.spelled(self.now)}
        obj = self.server.get(JOBS, NS, job)
        assert obj is not None, f"no Job {job}"
        metadata = {
            **obj["metadata"],
            "annotations": {**obj["metadata"].get("annotations", {}), **annotations},
        }
        conditions = [{"type": kind, **ended} for kind in (first, outcome)]
        self.server.put(JOBS, {**obj, "metadata": metadata, "status": {"conditions": conditions}})

    def pod(
        self,
        job: str,
        name: str = "one",
        node: str | None = None,
        container: str = "dataloader",
        **state: Json,
    ) -> None:
        """A pod of a Job, whose container is in a state."""
        obj = self.server.get(JOBS, NS, job)
        assert obj is not None, f"no Job {job}"
        owner = {"apiVersion": "batch/v1", "kind": "Job", "controller": True}
        owner |= {"name": job, "uid": obj["metadata"]["uid"]}
        about = {"name": container, "image": "i", "imageID": "i", "ready": False, "restartCount": 0}
        status = {"containerStatuses": [{**about, "state": state}]}
        labels = {"fluid.io/managed-by": "fluid"}
        created = self.spelled(self.now)
        metadata = {"name": name, "namespace": NS, "labels": labels, "ownerReferences": [owner]}
        metadata |= {"creationTimestamp": created}
        spec = {"containers": [{"name": container}], "nodeName": node}
        self.server.put(PODS, {"metadata": metadata, "spec": spec, "status": status})

    def tick(self, name: str, of: str = LOADS) -> str:
        """A CronJob starts its next Job; returns the Job's name."""
        cron = self.server.get(CRON_JOBS, NS, f"{name}-{RELEASES[of]}-job")
        assert cron is not None, f"no CronJob of {name}"
        self.server.put(CRON_JOBS, {**cron, "status": {"lastScheduleTime": self.spelled(self.now)}})
        job = f"{name}-{self.server.version}"
        owner = {"apiVersion": "batch/v1", "kind": "CronJob", "controller": True}
        owner |= {"name": cron["metadata"]["name"], "uid": cron["metadata"]["uid"]}
        template = cron["spec"]["jobTemplate"]
        labels = (
            template.get("metadata", {}).get("labels") or template["spec"]["template"]["metadata"]["labels"]
        )
        metadata = {"labels": labels, "ownerReferences": [owner]}
        metadata |= {"name": job, "namespace": NS, "creationTimestamp": self.spelled(self.now)}
        self.server.put(JOBS, {"metadata": metadata, "spec": template["spec"]})
        return job

    def collect_garbage(self) -> None:
        """Children of owners that are gone go too."""
        uids = {o["metadata"]["uid"] for kind in self.server.objects.values() for o in kind.values()}
        for collection in OWNED:
            for (_, name), obj in [*self.server.objects.get(collection, {}).items()]:
                owners = obj["metadata"].get("ownerReferences", [])
                if owners and not any(one["uid"] in uids for one in owners):
                    self.server.remove(collection, NS, name)

    @staticmethod
    def spelled(moment: datetime) -> str:
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    # What can be asked.

    def status(self, name: str, of: str = LOADS) -> Json:
        obj = self.server.get(of, NS, name)
        assert obj is not None, f"no {name} in {of}"
        return obj.get("status", {})

    def phase(self, name: str, of: str = LOADS) -> str:
        return self.status(name, of).get("phase", "")

    def condition(self, name: str, of: str = LOADS) -> tuple[str, str, str]:
        (only,) = self.status(name, of)["conditions"]
        return only["type"], only["status"], only["reason"]

    def locked(self, dataset: str = "hbase", kind: str = "DataLoad") -> str | None:
        obj = self.server.get(DATASETS, NS, dataset)
        return obj["status"].get("operationRef", {}).get(kind) if obj else None

    def names(self, collection: str) -> list[str]:
        return sorted(name for _, name in self.server.objects.get(collection, {}))
