"""One operator process: everything it runs, from one connection, in one task group."""

import os
import socket
from collections.abc import Iterator, Mapping
from uuid import uuid4

import anyio
import structlog

from fluid.controllers.context import Context, Informers
from fluid.controllers.dataset import DatasetController
from fluid.controllers.lasting_queries import LastingQueries
from fluid.controllers.lazy_start import RuntimeKinds
from fluid.controllers.nodes import NodeController
from fluid.controllers.operation import OperationReconciler
from fluid.controllers.operations.job_observer import JobObserver
from fluid.controllers.operations.pod_logs import PodLogs
from fluid.controllers.policies import NamespacePolicies
from fluid.controllers.query_executor import QueryExecutor
from fluid.controllers.query_runner import QueryRunner
from fluid.controllers.runtime import RuntimeReconciler
from fluid.controllers.scale import ScaleController
from fluid.engines.core.operation import OperationRegistration
from fluid.engines.core.registration import EngineRegistration
from fluid.engines.core.registry import Registry
from fluid.kube import Connection, InformerFactory, Reflector
from fluid.kube.controller import Controller
from fluid.kube.events import Recorder
from fluid.kube.lease import Elector
from fluid.kube.manager import Manager
from fluid.kube.metrics import Metrics
from fluid.operator.options import Options
from fluid.types import Key, KubeObject

_log = structlog.get_logger("fluid.operator")


class UnknownControllerError(ValueError):
    """An option names a controller that does not exist."""


class Process:
    """The operator, made of the parts that its options ask for."""

    def __init__(self, connection: Connection, options: Options, environment: Mapping[str, str]) -> None:
        registry = Registry.discover()
        for problem in registry.problems:
            _log.error("refused, and left out", what=problem.name, reason=problem.reason)
        _refuse_unknown(options, registry)
        metrics = Metrics()
        metrics.requests(connection.requests.host, connection.requests.counts)
        informer_factory = InformerFactory(connection, metrics=metrics, namespace=options.namespace)
        self.options = options
        self.environment = environment
        settings, policies = registry.settings(environment), options.policies
        self.context: Context = Context(
            connection=connection,
            informer_factory=informer_factory,
            recorder=Recorder(connection),
            metrics=metrics,
            registry=registry,
            settings=settings,
            informers=Informers.by(
                informer_factory, options.namespace, registry.groups, registry.controlled_kinds
            ),
            namespace=options.namespace,
            policies=NamespacePolicies.watching(settings, policies, informer_factory) if policies else None,
        )
        self.kinds: RuntimeKinds = RuntimeKinds(self.context)
        executor = QueryExecutor(connection, registry.queries)
        self.lasting_queries: LastingQueries = LastingQueries(executor)
        self.query_runner: QueryRunner = QueryRunner(executor, self.lasting_queries)
        self.pod_logs: PodLogs = PodLogs(connection)
        self.nodes: NodeController = NodeController(self.context, workers=options.workers)
        self.manager: Manager = Manager(
            informer_factory,
            self._controllers(),
            recorder=self.context.recorder,
            registry=metrics.registry,
            elector=self._elector(connection),
            health_address=options.health_address,
            metrics_address=options.metrics_address,
            grace=options.grace,
        )

    async def run(self) -> None:
        """Run until asked to stop."""
        async with anyio.create_task_group() as tasks:
            await tasks.start(self.lasting_queries.run)
            await tasks.start(self.query_runner.run)
            await tasks.start(self.pod_logs.run)
            tasks.start_soon(self.kinds.run, self._start, self._hosts_kind)
            await self.manager.run()
            tasks.cancel_scope.cancel()

    def _controllers(self) -> list[Controller]:
        """The controllers that run from the start; those of runtime kinds come with their first object."""
        found: list[Controller] = []
        workers = self.options.workers
        elsewhere = [kind for kind in self.kinds.kinds if not self._hosts_kind(kind.registration)]
        if self.options.hosts("dataset"):
            found.append(DatasetController(self.context, self.kinds, workers=workers).controller())
            if elsewhere:
                namespace = self.environment.get("MY_POD_NAMESPACE", "")
                found.append(ScaleController(self.context, elsewhere, namespace).controller())
        for kind in self.context.registry.operations.values():
            found += self._operations(kind)
        if len(elsewhere) < len(self.kinds.kinds):
            found.append(self.nodes.controller())
        return found

    def _operations(self, kind: OperationRegistration[KubeObject]) -> Iterator[Controller]:
        """The controller of a kind of data operation, unless another process has it."""
        if self.options.hosts(kind.name.lower()):
            job_observer = JobObserver(self.pod_logs, self.lasting_queries)
            workers = self.options.workers
            yield OperationReconciler(
                self.context, kind, workers=workers, job_observer=job_observer
            ).controller()

    def _hosts_kind(self, registration: EngineRegistration[KubeObject]) -> bool:
        return self.options.hosts(registration.kind.__name__.lower())

    def _start(self, registration: EngineRegistration[KubeObject], runtimes: Reflector[KubeObject]) -> None:
        reconciler = RuntimeReconciler(
            self.context,
            registration,
            runtimes,
            self.query_runner,
            workers=self.options.workers,
            stats_interval=self.options.stats_interval,
            ports=self.options.ports,
        )
        self.nodes.add(registration, runtimes)
        self.manager.add(reconciler.controller())

    def _elector(self, connection: Connection) -> Elector | None:
        if not self.options.leader_elect:
            return None
        identity = f"{socket.gethostname()}_{uuid4()}"
        return Elector(connection, Key(self.options.lease_namespace, self.options.lease), identity)


def _refuse_unknown(options: Options, registry: Registry) -> None:
    known = ["dataset", *(kind.lower() for kind in (*registry.operations, *registry.engines))]
    unknown = [name for name in options.controllers if name not in known]
    if unknown:
        raise UnknownControllerError(
            f"--controllers: no controller is named {unknown[0]!r}; known are {', '.join(known)}"
        )


async def serve(options: Options) -> None:
    """Connect and run one operator process.

    Raises:
        KubeError: there are no usable credentials.
        LeaseLost: another process leads now.
        UnknownControllerError: an option names a controller that does not exist.
    """
    async with Connection.open(kubeconfig=options.kubeconfig) as connection:
        _log.info("starting", namespace=options.namespace or "all", workers=options.workers)
        await Process(connection, options, os.environ).run()
