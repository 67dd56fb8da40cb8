"""Recovers the volumes of running pods after a FUSE process was replaced, and reports the verified result."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import monotonic

import anyio
import structlog
from anyio import to_thread
from anyio.abc import TaskGroup

from fluid.csi.cluster import Cluster
from fluid.csi.containers import Containers, Renewal
from fluid.csi.errors import CallError, Code, HelperError, NotConvergingError, TooManyError
from fluid.csi.locks import KeyedSemaphores, Locks
from fluid.csi.metrics import PluginMetrics
from fluid.csi.mountinfo import Mount, MountWatch
from fluid.csi.mounts import converge
from fluid.csi.publishing import Publishing
from fluid.csi.readiness import Readiness
from fluid.csi.records import PublishedTarget
from fluid.csi.staging import Staging
from fluid.csi.stale_mounts import StaleMount, dead_mounts_of_pod, find_stale_mounts
from fluid.csi.steps import Attach, Detach, Health, to_renew
from fluid.csi.volume import Pod, Volume
from fluid.kube import Backoff, KubeError, WorkQueue
from fluid.kube.events import EventType, Recorder, Reference

SUCCEED, FAILED = "FuseRecoverSucceed", "FuseRecoverFailed"
_PAUSE = 15.0
"""Seconds between two looks at all targets while the mount table does not change."""
_MOST_STEPS = 12
_PATIENT = 3
"""Attempts before a failure is reported, and before a pod's directory is renewed despite failed containers.

A new FUSE process may be gone again, or may not serve yet; that passes within moments."""
_DENIED = 60.0
"""Seconds until it is asked again whether a pod may read: consent that was withdrawn may come back."""
_RUNNING, _RUNNING_PER_TENANT = 16, 4
"""Targets that are renewed at once, in all and for one tenant: pods whose containers hang take long."""
_log = structlog.get_logger("fluid.csi.recovery")


class NotRecovered(Exception):  # noqa: N818 - it is an outcome
    """A pod cannot read its volume yet; the message says why."""


class NotAllowed(Exception):  # noqa: N818 - it is an outcome
    """A pod may not read its volume any more; the message says why."""


@dataclass
class Recovery:
    """Watches for new FUSE mounts, and renews the mounts of pods that show older ones.

    Before a pod's containers get the new mount, the record of the target names its device beside those that
    the containers may still show. If that FUSE process dies as well, or the plugin, the record says which
    devices to look for in the containers.

    Pods of other namespaces are asked about as at publication: the path may be that of a new Dataset by now.

    Attributes:
        staging: The volumes of the node.
        publishing: The targets of pods.
        readiness: Checks whether a FUSE mount serves its volume.
        cluster: Reads Datasets, which get the events: those of pods of other namespaces get the references.
        watch: Announces changes of the mount table.
        containers: Renews a mount inside running containers.
        kubelet: Root directory of the kubelet.
        recorder: Records events.
        metrics: Counts recoveries.
        queue: Targets to recover.
    """

    staging: Staging
    publishing: Publishing
    readiness: Readiness
    cluster: Cluster
    watch: MountWatch
    containers: Containers
    kubelet: Path
    recorder: Recorder
    metrics: PluginMetrics
    queue: WorkQueue[str] = field(
        default_factory=lambda: WorkQueue[str](Backoff(base=0.2, cap=30.0))  # by target
    )
    _of_tenant: KeyedSemaphores = field(default_factory=lambda: KeyedSemaphores(_RUNNING_PER_TENANT))
    _of_pod: Locks = field(default_factory=Locks)
    _tenants: dict[str, str] = field(default_factory=dict[str, str])
    _attempts: dict[str, int] = field(default_factory=dict[str, int])
    _since: dict[str, float] = field(default_factory=dict[str, float])
    _told: dict[str, set[str]] = field(default_factory=dict[str, set[str]])

    async def run(self) -> None:
        """Watch for stale mounts and recover them, until cancelled."""
        limiter = anyio.CapacityLimiter(_RUNNING)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._look)
            while (target := await self.queue.take()) is not None:
                tasks.start_soon(self._handle, target, limiter, tasks)

    async def _look(self) -> None:
        while True:
            change = self.watch.next_change()
            try:
                for stale in await self.find():
                    self._since.setdefault(stale.record.target, monotonic())
                    self._tenants[stale.record.target] = _tenant(stale)
                    self.queue.add(stale.record.target)
            except Exception:  # noqa: BLE001 - an unexpected error must not end the plugin
                _log.exception("cannot look for broken volumes; they are looked for again")
            await self.watch.wait(change, _PAUSE)

    async def find(self) -> list[StaleMount]:
        """Find all stale mounts that can be renewed."""
        table = self.publishing.mounts.table()
        volumes, records = await to_thread.run_sync(self._known)
        return [*find_stale_mounts(table, records, volumes)]

    def _known(self) -> tuple[Mapping[str, Volume], list[PublishedTarget]]:
        return self.staging.volumes(), self.publishing.records.targets()

    async def _handle(self, target: str, limiter: anyio.CapacityLimiter, tasks: TaskGroup) -> None:
        async with self._of_tenant.hold(self._tenants.get(target, "")), limiter:
            try:
                stale = next((one for one in await self.find() if one.record.target == target), None)
                if stale is None or await self._recover(stale, tasks):
                    self._forget(target)
                else:
                    self.queue.retry(target, cap=1.0)  # the new FUSE mount does not answer yet
            except NotAllowed as error:
                self.queue.hold(target, _DENIED)
                self.queue.add(target)
                _log.info("not recovered", target=target, problem=str(error), again_in=_DENIED)
            except NotRecovered as error:
                delay = self.queue.retry(target)
                _log.warning("not recovered", target=target, problem=str(error), again_in=delay)
            except Exception:  # noqa: BLE001 - it must not harm other pods
                _log.exception("recovery failed", target=target)
                self.queue.retry(target)
            finally:
                self.queue.done(target)

    def _forget(self, target: str) -> None:
        self.queue.forget(target)
        self._attempts.pop(target, None)
        self._since.pop(target, None)
        self._told.pop(target, None)
        self._tenants.pop(target, None)

    async def _recover(self, stale: StaleMount, tasks: TaskGroup) -> bool:
        """Recover the volume of one pod.

        Events are sent in tasks of their own, so that no pod waits for an API server that does not answer.

        Returns:
            Whether the target is settled; False while there is no FUSE mount to renew it from.

        Raises:
            NotAllowed: the pod may not read any more; an event reports that once.
            NotRecovered: it failed. From the third attempt on, an event reports the failure.
        """
        mounts, record = self.publishing.mounts, stale.record
        attempt = self._attempts.get(record.target, 0) + 1
        try:
            if stale.mount.device != stale.live and await mounts.health(record.target) is Health.ALIVE:
                return True  # an older FUSE process still serves its pods
            if why := await self.readiness.missing(stale.volume):
                self._wait_for(stale, why)
                return False
            await self._ask_consent(stale, tasks)
            async with self._of_pod.hold(record.pod_uid or record.target):  # it may show one mount twice
                await self._renew(stale, patient=attempt < _PATIENT)
        except (NotRecovered, HelperError, CallError, OSError) as error:
            if mounts.table().top(record.target) is None:
                return True  # the pod has ended
            if await self._superseded(stale):
                self._attempts.pop(record.target, None)
                return False
            self._attempts[record.target] = attempt
            if attempt >= _PATIENT:
                self.metrics.failed()
                tasks.start_soon(self._tell, stale, "Warning", FAILED, _failure(stale, str(error)))
            raise NotRecovered(str(error)) from error
        seconds = monotonic() - self._since.get(record.target, monotonic())
        self.metrics.recovered(seconds)
        _log.info("recovered", target=record.target, pod=record.pod, seconds=round(seconds, 3))
        tasks.start_soon(self._tell, stale, "Normal", SUCCEED, _success(stale))
        return True

    def _wait_for(self, stale: StaleMount, why: str) -> None:
        """Log once what a pod waits for; the target is looked at each second."""
        told = self._told.setdefault(stale.record.target, set())
        if why not in told:
            told.add(why)
            path = stale.volume.path
            _log.info("not yet recovered", target=stale.record.target, mount=path, problem=why)

    async def _ask_consent(self, stale: StaleMount, tasks: TaskGroup) -> None:
        """Make sure that a pod may read the Dataset whose FUSE pod mounts at the path now.

        Raises:
            NotAllowed: the owner does not allow it.
            CallError: nobody answers.
        """
        consent, record = self.publishing.consent, stale.record
        if consent is None:
            return
        try:
            await consent.require(stale.volume, Pod(record.pod_namespace, record.pod_name, record.pod_uid))
        except CallError as error:
            if error.code is not Code.PERMISSION_DENIED:
                raise
            told = self._told.setdefault(record.target, set())
            if error.message not in told:
                told.add(error.message)
                tasks.start_soon(self._tell, stale, "Warning", FAILED, _denial(stale, error.message))
            raise NotAllowed(error.message) from error

    async def _superseded(self, stale: StaleMount) -> bool:
        """Whether the new FUSE process is gone or silent as well; then the attempts at it do not count."""
        volume = stale.volume
        source = self.publishing.mounts.table().top(volume.path)
        if source is None or source.device != stale.live:
            return True
        try:
            return bool(await self.readiness.missing(volume))
        except TooManyError:
            return False  # it cannot be asked, which counts as a failure and is reported

    async def _renew(self, stale: StaleMount, *, patient: bool) -> None:
        record, volume = stale.record, stale.volume
        renewal = Renewal(volume.path, stale.live, stale.dead, record.pod_uid)
        await self.publishing.show(record, {*stale.dead, stale.live})
        problems = await self.containers.renew(renewal) if record.pod_uid else []
        if problems and patient:
            raise NotRecovered("; ".join(problems))
        table = self.publishing.mounts.table()
        for place in dead_mounts_of_pod(table, stale, str(self.kubelet)):
            async with self.publishing.locks.hold(place.point):
                await self._renew_place(place, volume.path, stale)
        await self.publishing.mounts.read(record.target)
        if record.pod_uid:  # again: a container may have started with the old mount in the meantime
            problems = await self.containers.renew(renewal)
        if problems:
            raise NotRecovered("; ".join(problems))
        await self.publishing.show(record, only=stale.live)

    async def _renew_place(self, place: Mount, folder: str, stale: StaleMount) -> None:
        mounts = self.publishing.mounts
        wanted = Attach(folder, stale.live, place.root.strip("/"), place.read_only, exact=True)

        async def look_and_decide() -> Attach | Detach | None:
            return to_renew(mounts.table().stack(place.point), wanted, stale.dead)

        try:
            await converge(look_and_decide, partial(mounts.take, place.point), most=_MOST_STEPS)
        except NotConvergingError as error:
            raise NotRecovered(f"{place.point}: {error}") from error

    async def _tell(self, stale: StaleMount, kind: EventType, reason: str, message: str) -> None:
        try:
            runtime, pods = stale.volume.runtime, stale.record.pod_namespace
            foreign = runtime is not None and pods not in ("", runtime.namespace)
            find = self.cluster.reader if foreign else self.cluster.dataset
            dataset = await find(stale.volume)
            if dataset is not None:
                self.recorder.event(Reference.to(dataset), kind, reason, message)
        except KubeError as error:
            _log.warning("no event", reason=reason, message=message, problem=error.message)
        except Exception:  # noqa: BLE001 - an unreadable Dataset must not end the recovery
            _log.exception("no event", reason=reason, message=message)


def _tenant(stale: StaleMount) -> str:
    """The namespace of the pod, of the runtime if that is unknown, otherwise the volume."""
    runtime = stale.volume.runtime
    return stale.record.pod_namespace or (runtime.namespace if runtime else stale.volume.id)


def _success(stale: StaleMount) -> str:
    pod, path = stale.record.pod, stale.volume.path
    return f"Fuse recover: pod {pod} reads again, from the new FUSE mount at {path}"


def _denial(stale: StaleMount, why: str) -> str:
    return (
        f"Fuse recover: pod {stale.record.pod} does not read on, since its FUSE process was replaced: {why}."
        " It is asked again each minute; the pod reads again once it is allowed"
    )


def _failure(stale: StaleMount, why: str) -> str:
    return (
        f"Fuse recover: pod {stale.record.pod} cannot read its volume since its FUSE process was replaced:"
        f" {why}. It is tried again; if this stays, delete the pod, so that it is made anew"
    )
