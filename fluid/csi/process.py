"""The process of the node plugin: builds its parts and runs them in one task group."""

import signal
from collections.abc import Sequence
from contextlib import AsyncExitStack

import anyio
import structlog
from anyio.abc import TaskGroup, TaskStatus

from fluid.csi.api import csi_pb2, pluginregistration_pb2
from fluid.csi.cluster import Cluster
from fluid.csi.consent import Consent
from fluid.csi.containers import Containers, EnteredContainers, PropagatingContainers
from fluid.csi.garbage_collector import GarbageCollector
from fluid.csi.helper_limits import Tenants
from fluid.csi.helper_pool import HelperPool
from fluid.csi.identity import Identity, Registration
from fluid.csi.metrics import PluginMetrics
from fluid.csi.mountinfo import MountWatch
from fluid.csi.mounts import Mounts
from fluid.csi.node import Node
from fluid.csi.options import Options
from fluid.csi.publishing import Publishing
from fluid.csi.readiness import Readiness, WaitEvents
from fluid.csi.records import Records
from fluid.csi.recovery import Recovery
from fluid.csi.rpc import Service, service, serving, socket_path
from fluid.csi.staging import Staging
from fluid.kube import Connection
from fluid.kube.events import Recorder
from fluid.kube.metrics import Metrics
from fluid.kube.pages import Pages

_log = structlog.get_logger("fluid.csi")


class Plugin:
    """The node plugin with all its parts.

    Args:
        connection: to the API server.
        options: its settings.

    Attributes:
        pages: /healthz, /readyz and /metrics.
    """

    def __init__(self, connection: Connection, options: Options) -> None:
        self.options = options
        helpers = HelperPool(tenant_of=Tenants(options.mount_root).of)
        metrics = Metrics()
        mounts, records = Mounts(helpers), Records(options.folder / "volumes")
        counts = PluginMetrics(metrics, helpers)
        cluster = Cluster(connection, options.node)
        staging = Staging(mounts, records, cluster, options.mount_root)
        self.recorder: Recorder = Recorder(connection)
        self.watch: MountWatch = MountWatch()
        readiness = Readiness(mounts, self.watch, options.node, events=WaitEvents(cluster, self.recorder))
        links = options.publish_method == "symlink"
        publishing = Publishing(mounts, records, readiness, links=links, consent=Consent(cluster))
        self.registration: Registration = Registration(str(socket_path(options.csi_endpoint)))
        self.gc: GarbageCollector = GarbageCollector(staging, publishing, self.watch, options.kubelet)
        containers: Containers = PropagatingContainers()
        if options.enter_containers:
            containers = EnteredContainers(helpers)
        self.recovery: Recovery = Recovery(
            staging,
            publishing,
            readiness,
            cluster,
            self.watch,
            containers,
            options.kubelet,
            self.recorder,
            counts,
        )
        self.node: Node = Node(options.node, options.mount_root, mounts, staging, publishing)
        self.counts: PluginMetrics = counts
        self.pages: Pages = Pages(
            options.health_address,
            options.metrics_address,
            ready=self.registration.problems,
            registry=metrics.registry,
        )

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Serve until cancelled. `task_status` is started once the kubelet can call."""
        # The sockets close before the tasks end: the task of a call must live until the call is answered
        async with anyio.create_task_group() as tasks, AsyncExitStack() as stack:
            stack.enter_context(self.pages.served())
            for task in (self.pages.pulse, self.watch.run, self.recorder.run):
                tasks.start_soon(task)
            called, registering = self._services(tasks)
            await stack.enter_async_context(serving(socket_path(self.options.csi_endpoint), called))
            # The kubelet calls as soon as it finds this socket, so this socket is opened last
            await stack.enter_async_context(serving(self.options.registration_socket, registering))
            _log.info("serving", node=self.options.node, endpoint=self.options.csi_endpoint)
            # Calls are served while these run: locks keep them apart, and readers do not wait for them
            tasks.start_soon(self.gc.run)
            if self.options.recover:
                tasks.start_soon(self.recovery.run)
            task_status.started()
            await anyio.sleep_forever()

    def _services(self, tasks: TaskGroup) -> tuple[Sequence[Service], Sequence[Service]]:
        """The services of the CSI socket, and those of the registration socket."""
        file, beat, registration = csi_pb2.DESCRIPTOR, self.counts.call, pluginregistration_pb2.DESCRIPTOR
        called = [
            service(file, "Identity", Identity().methods(), tasks, beat),
            service(file, "Node", self.node.methods(), tasks, beat),
        ]
        return called, [service(registration, "Registration", self.registration.methods(), tasks)]


async def serve(options: Options) -> None:
    """Connect and run one node plugin, until SIGTERM or SIGINT.

    Raises:
        KubeError: there are no usable credentials for the API server.
        EndpointError: the endpoint is no unix socket.
        OSError: a socket or an address cannot be listened on.
    """
    async with Connection.open(kubeconfig=options.kubeconfig) as connection:
        plugin = Plugin(connection, options)
        async with anyio.create_task_group() as tasks:
            with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
                await tasks.start(plugin.run)
                async for number in signals:
                    _log.info("asked to stop", signal=number)
                    break
            tasks.cancel_scope.cancel()
