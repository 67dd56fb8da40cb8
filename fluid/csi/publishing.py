"""Brings a volume to the path that the kubelet prepared for a pod, and takes it away again."""

import errno
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from functools import partial

import anyio
import structlog
from anyio import to_thread

from fluid.csi.errors import BlockedError, CallError, Code, HelperError, NotConvergingError, TooManyError
from fluid.csi.explaining import Explainer
from fluid.csi.locks import Locks
from fluid.csi.mountinfo import MountWatch
from fluid.csi.mounts import Mounts, converge
from fluid.csi.readiness import nothing_serves, serving_points
from fluid.csi.records import PublishedTarget, Records
from fluid.csi.steps import Health, Seen, Step, Wanted, to_publish, to_unpublish
from fluid.csi.volume import Pod, Volume

_MOST_STEPS = 200
_LOOK_AGAIN = 1.0
"""Seconds until a mount that is there and does not answer is asked again: no change of the table tells."""
_log = structlog.get_logger("fluid.csi.publishing")


@dataclass(frozen=True)
class Publishing:
    """Publishes volumes at targets.

    Attributes:
        mounts: Looks at mounts and changes them.
        watch: Tells of new ones.
        records: What is published.
        locks: One call at a time for each target.
        node: Our node's name, for people.
        patience: Seconds to wait for a FUSE mount within one call. The kubelet calls again, and shows why.
        explainer: Tells pods that wait why they do.
        links: Whether pods get links of all volumes, and not of those alone that say so.
    """

    mounts: Mounts
    watch: MountWatch
    records: Records
    locks: Locks = field(default_factory=Locks)
    node: str = ""
    patience: float = 20.0
    explainer: Explainer | None = None
    links: bool = False

    async def publish(self, volume: Volume, target: str, *, read_only: bool, pod: Pod) -> None:
        """Show a volume at a target.

        Raises:
            CallError: its FUSE mount is not there, or the target cannot be used.
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
                return  # also while its FUSE process is away: pods that have it keep it
            if seen.top is not None and seen.health is Health.DEAD:
                # It goes from here; containers of the pod still show it
                await to_thread.run_sync(self._note, record, seen.top.device)
            device = await self.wait_for(volume, pod)
            await self.converge(target, partial(to_publish, replace(wanted, device=device)))
        _log.info("published", volume=volume.id, target=target, pod=str(pod), read_only=read_only)

    def _note(self, record: PublishedTarget, *dead: str) -> None:
        """Record a target; dead devices, for a recovery to look for, beside those that were noted before."""
        known = self.records.target(record.volume_id, record.target)
        devices = {*dead, *(known.devices if known else ())}
        self.records.publish(record.model_copy(update={"devices": sorted(devices)}))

    async def show(self, record: PublishedTarget, devices: Collection[str] = (), *, only: str = "") -> None:
        """Note which FUSE mounts a pod's containers may show, unless the target is gone meanwhile.

        Args:
            record: The target.
            devices: Theirs, beside those that were noted before.
            only: The one that all its containers show for certain: then nothing is noted any more, unless a
                call has brought the target to another meanwhile, and noted what they may show.
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
        """Leave nothing of a volume at a target. Needs neither its FUSE process nor the API server.

        Raises:
            CallError: there is something that no publish made.
        """
        async with self.locks.hold(target):
            await self._unpublish(volume_id, target)

    async def unpublish_forgotten(self, volume_id: str, target: str, forgotten: Callable[[], bool]) -> None:
        """Unpublish a target if the kubelet has forgotten it, and none of its calls said otherwise meanwhile.

        Raises:
            CallError: as for unpublish.
        """
        async with self.locks.hold(target):  # a kubelet that publishes it again has noted it for itself
            if await to_thread.run_sync(forgotten):
                _log.info("the kubelet has forgotten a mount", target=target)
                await self._unpublish(volume_id, target)

    async def _unpublish(self, volume_id: str, target: str) -> None:
        await self.converge(target, to_unpublish, ask=False)
        await to_thread.run_sync(self.records.forget_target, volume_id, target)
        _log.info("unpublished", volume=volume_id, target=target)

    async def wait_for(self, volume: Volume, pod: Pod) -> str:
        """Wait until a volume can be published: its FUSE mount answers, or its folder is there if unchecked.

        The pod is told soon why it is not.

        Returns:
            The device of what is seen at the volume's path: it has to be that still when it is attached.

        Raises:
            CallError: it cannot within our patience.
        """
        deadline = anyio.current_time() + self.patience
        explanation = self.explainer.begin(volume, pod) if self.explainer else None
        while True:
            change = self.watch.next_change()
            before = self.mounts.table().holding(volume.path)
            why = await self._missing_or_unasked(volume)
            left = deadline - anyio.current_time()
            if not why and before is not None:
                return before.device
            if left <= 0:
                known = await explanation.why() if explanation else ""
                raise CallError(Code.UNAVAILABLE, self._still_missing(volume, why, known))
            if explanation:
                await explanation.tell()
            await self.watch.wait(change, min(_LOOK_AGAIN, left))

    async def _missing_or_unasked(self, volume: Volume) -> str:
        try:
            why = "" if volume.unchecked else await self.missing(volume)
            if not why and (volume.unchecked or volume.symlink):
                # A link leads nowhere for ever, as far as its container is concerned, and is followed later
                await self.mounts.find(volume.path, volume.sub_path)
        except HelperError as error:
            return str(error)
        return why

    async def missing(self, volume: Volume) -> str:
        """Why pods cannot read a volume now; empty when they can.

        Raises:
            TooManyError: nobody can tell, because it cannot be asked.
        """
        table = self.mounts.table()
        if why := nothing_serves(table, volume):
            return why
        for point in serving_points(table, volume):
            if not (why := await self._mute(point)):
                return await self._mute(volume.source) if volume.sub_path else ""
        return why

    async def _mute(self, path: str) -> str:
        """Why the file system at a path does not answer; empty when it does."""
        try:
            health = await self.mounts.health(path)
        except TooManyError:
            raise
        except HelperError as error:
            return str(error)
        match health:
            case Health.ALIVE:
                return ""
            case Health.DEAD:
                return "its FUSE process is gone"
            case Health.HUNG:
                return "its FUSE process does not answer"

    async def converge(self, target: str, decide: Callable[[Seen], Step | None], *, ask: bool = True) -> None:
        """Take steps until there is none left.

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

    def _still_missing(self, volume: Volume, why: str, known: str) -> str:
        what = "folder" if volume.unchecked else "readable FUSE mount"
        if known:
            return f"{volume.who}: no {what} on node {self.node}: {known}"
        where = f"kubectl get pods --namespace {volume.runtime.namespace} " if volume.runtime else "the pods "
        return (
            f"{volume.who}: no {what} at {volume.source} on node {self.node} within"
            f" {self.patience:g} s: {why}. Look at its FUSE pod there"
            f" ({where}--field-selector spec.nodeName={self.node})"
        )
