"""Publishes a volume at the target path that the kubelet prepared for a pod, and unpublishes it again."""

import errno
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from functools import partial

import structlog
from anyio import to_thread

from fluid.csi.consent import Consent
from fluid.csi.errors import BlockedError, CallError, Code, HelperError, NotConvergingError
from fluid.csi.locks import Locks
from fluid.csi.mounts import Mounts, converge
from fluid.csi.readiness import Readiness
from fluid.csi.records import PublishedTarget, Records
from fluid.csi.steps import Health, Seen, Step, Wanted, to_publish, to_unpublish
from fluid.csi.volume import Pod, Volume

_MOST_STEPS = 200
_log = structlog.get_logger("fluid.csi.publishing")


@dataclass(frozen=True)
class Publishing:
    """Publishes volumes at targets.

    Attributes:
        mounts: Looks at mounts and changes them.
        records: Records of published targets.
        readiness: Waits until a volume can be published.
        locks: One lock for each target; a call holds the lock of its target.
        links: Whether all volumes are published by a link, not only those whose attributes say so.
        consent: Asked before a pod gets a volume that it has not yet; None asks nobody.
    """

    mounts: Mounts
    records: Records
    readiness: Readiness
    locks: Locks = field(default_factory=Locks)
    links: bool = False
    consent: Consent | None = None

    async def publish(self, volume: Volume, target: str, *, read_only: bool, pod: Pod) -> None:
        """Publish a volume at a target.

        Raises:
            CallError: the FUSE mount of the volume is not ready, the pod may not read it, or the target
                cannot be used.
        """
        volume = replace(volume, symlink=volume.symlink or self.links)
        wanted = Wanted(volume.path, sub_path=volume.sub_path, read_only=read_only, symlink=volume.symlink)
        record = PublishedTarget(
            volume_id=volume.id,
            target=target,
            read_only=read_only,
            pod_namespace=pod.namespace,
            pod_name=pod.name,
            pod_uid=pod.uid,
        )
        async with self.locks.hold(target):
            await to_thread.run_sync(self._note, record)
            seen = await self._see(target)
            if to_publish(wanted, seen) is None and not volume.symlink:
                return  # even while the FUSE process is gone: pods keep the mount that they have
            if self.consent is not None:
                await self.consent.require(volume, pod)
            if seen.top is not None and seen.health is Health.DEAD:
                # The dead mount is taken away from the target, but containers of the pod still show it
                await to_thread.run_sync(self._note, record, seen.top.device)
            device = await self.readiness.wait(volume, pod)
            await self.converge(target, partial(to_publish, replace(wanted, device=device)))
        _log.info("published", volume=volume.id, target=target, pod=str(pod), read_only=read_only)

    def _note(self, record: PublishedTarget, *dead: str) -> None:
        """Record a target, and add dead devices to the ones that its record names for recovery."""
        known = self.records.target(record.volume_id, record.target)
        devices = {*dead, *(known.devices if known else ())}
        self.records.publish(record.model_copy(update={"devices": sorted(devices)}))

    async def show(self, record: PublishedTarget, devices: Collection[str] = (), *, only: str = "") -> None:
        """Record the devices of FUSE mounts that a pod's containers may show, unless the target is gone.

        Args:
            record: The target.
            devices: Devices to add to those that the record names.
            only: The device that all containers of the pod show for certain. The record then names no device
                any more, unless a call has published another device at the target in the meantime and
                recorded what the containers may show.
        """
        async with self.locks.hold(record.target):
            known = await to_thread.run_sync(self.records.target, record.volume_id, record.target)
            if known is None:
                return
            wanted = {*known.devices, *devices}
            if only:
                top = self.mounts.table().top(record.target)
                wanted = set[str]() if top is not None and top.device == only else wanted
            if wanted != set(known.devices):
                noted = known.model_copy(update={"devices": sorted(wanted)})
                await to_thread.run_sync(self.records.publish, noted)

    async def unpublish(self, volume_id: str, target: str) -> None:
        """Remove a volume from a target. It needs neither the FUSE process nor the API server.

        Raises:
            CallError: there is something at the target that no publish made.
        """
        async with self.locks.hold(target):
            await self._unpublish(volume_id, target)

    async def unpublish_forgotten(self, volume_id: str, target: str, forgotten: Callable[[], bool]) -> None:
        """Unpublish a target if the kubelet has forgotten it; this is checked under the target's lock.

        Raises:
            CallError: as for unpublish.
        """
        async with self.locks.hold(target):  # a kubelet that publishes it again has written its file before
            if await to_thread.run_sync(forgotten):
                _log.info("the kubelet has forgotten a mount", target=target)
                await self._unpublish(volume_id, target)

    async def _unpublish(self, volume_id: str, target: str) -> None:
        await self.converge(target, to_unpublish, ask=False)
        await to_thread.run_sync(self.records.forget_target, volume_id, target)
        _log.info("unpublished", volume=volume_id, target=target)

    async def converge(self, target: str, decide: Callable[[Seen], Step | None], *, ask: bool = True) -> None:
        """Take steps at a target until no step is left.

        Args:
            target: the path.
            decide: returns the next step for what is at the target; None when no step is left.
            ask: whether to probe the file system at the target before each decision.

        Raises:
            CallError: a step failed.
        """

        async def look_and_decide() -> Step | None:
            return decide(await self._see(target, ask=ask))

        try:
            await converge(look_and_decide, partial(self.mounts.take, target), most=_MOST_STEPS)
        except BlockedError as error:
            raise CallError(Code.FAILED_PRECONDITION, str(error)) from error
        except OSError as error:
            if error.errno == errno.ENOTEMPTY:
                why = "there are files in the directory, which no publish made; move them away on the node"
                raise CallError(Code.FAILED_PRECONDITION, f"{target}: {why}") from error
            raise CallError(Code.UNAVAILABLE, f"{target}: {error}; it is tried again") from error
        except HelperError as error:
            raise CallError(Code.UNAVAILABLE, f"{target}: {error}; it is tried again") from error
        except NotConvergingError as error:
            why = f"{error}: see in /proc/self/mountinfo of the node plugin what else mounts there"
            raise CallError(Code.INTERNAL, f"{target}: {why}") from error

    async def _see(self, target: str, *, ask: bool = True) -> Seen:
        try:
            return await self.mounts.see(target, ask=ask)
        except (HelperError, OSError) as error:
            raise CallError(
                Code.UNAVAILABLE, f"cannot look at {target}: {error}; it is tried again"
            ) from error
