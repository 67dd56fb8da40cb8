"""Renews a volume inside running containers, whose mount namespaces no mount on the node reaches.

A container has a bind mount of its own of the FUSE file system that lived when it started. Only with
``mountPropagation: HostToContainer`` does a later mount arrive there by itself; in all others the new one is
put in place from a helper process that enters the container's mount namespace.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog
from anyio import to_thread

from fluid.csi.bounded import ChangedError, HelperError, Helpers
from fluid.csi.deciding import Attach, Detach, to_renew
from fluid.csi.mountinfo import Mount, MountTable
from fluid.csi.mounts import attach_options
from fluid.csi.stepping import RestlessError, step_until_done

PROC = Path("/proc")
_POD = re.compile(r"pod([0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12})")
_MOST_STEPS = 12
_log = structlog.get_logger("fluid.csi.containers")


@dataclass(frozen=True, slots=True)
class Renewal:
    """What is renewed.

    Attributes:
        folder: Where the new FUSE mount is.
        live: Its device.
        dead: The devices of those that are gone. The kernel may have given such a number again, to the root
            or /proc of a container that started meanwhile: only what is FUSE is meant.
        pod_uid: Whose containers.
    """

    folder: str
    live: str
    dead: frozenset[str]
    pod_uid: str


class Containers(Protocol):
    """Brings a renewed mount into the containers of a pod."""

    async def renew(self, renewal: Renewal) -> list[str]:
        """Renew in all containers of the pod; returns what went wrong, one sentence each."""
        ...


@dataclass(frozen=True)
class PropagatingContainers:
    """Leaves it to mount propagation: only containers whose volumeMount asks for it see the new mount."""

    async def renew(self, renewal: Renewal) -> list[str]:
        """Nothing to do, and nothing that could be seen from here."""
        del renewal
        return []


@dataclass(frozen=True, slots=True)
class Place:
    """A mount in the mount namespace of a process."""

    process: int
    mount: Mount


def pod_of(process: Path) -> str:
    """UID of the pod that a process (its folder in /proc) belongs to, by its cgroup; empty for none."""
    try:
        found = _POD.search((process / "cgroup").read_text())
    except OSError:  # it has ended
        return ""
    return found[1].replace("_", "-") if found else ""


@dataclass(frozen=True)
class EnteredContainers:
    """Enters the containers' mount namespaces; needs the node's process ids (``hostPID``).

    Attributes:
        helpers: Enter and mount.
        pod_of: Tells whose a process is.
    """

    helpers: Helpers
    pod_of: Callable[[Path], str] = pod_of

    async def renew(self, renewal: Renewal) -> list[str]:
        """Renew in all containers of the pod; returns what went wrong, one sentence each."""
        problems: list[str] = []
        for place in await to_thread.run_sync(self._places, renewal):
            try:
                await self._renew(place, renewal)
            except ChangedError as error:
                problems.append(str(error))
            except (HelperError, RestlessError, OSError) as error:
                if (PROC / str(place.process)).exists():  # a container that ended needs nothing
                    problems.append(f"process {place.process}, {place.mount.point}: {error}")
        return problems

    def _places(self, renewal: Renewal) -> list[Place]:
        """Where a dead file system is seen, once for each mount namespace."""
        return [*places(renewal, self.pod_of)]

    async def _renew(self, place: Place, renewal: Renewal) -> None:
        process, point, live = str(place.process), place.mount.point, renewal.live
        wanted = Attach(renewal.folder, live, place.mount.root.strip("/"), place.mount.read_only)
        top = ""

        async def look_and_decide() -> Attach | Detach | None:
            nonlocal top
            stack = (await to_thread.run_sync(MountTable.read, PROC / process / "mountinfo")).stack(point)
            top = str(stack[-1].id) if stack else ""
            return to_renew(stack, wanted)

        async def take(step: Attach | Detach) -> None:
            if isinstance(step, Detach):
                await self.helpers.run("detach_in", process, point, str(step.mount_id))
                return
            source, options = (step.folder, live, step.sub_path), attach_options(step)
            await self.helpers.run("attach_in", *source, process, point, top, *options, device=live)

        await step_until_done(look_and_decide, take, most=_MOST_STEPS)
        await self.helpers.run("read_in", process, point, device=live)
        _log.info("renewed in a container", process=place.process, path=point, pod=renewal.pod_uid)


def places(renewal: Renewal, pod_of: Callable[[Path], str], proc: Path = PROC) -> Iterator[Place]:
    """The mounts of dead devices in the containers of a pod, once for each mount namespace."""
    seen = {_namespace(proc / "self")}
    for process in proc.iterdir():
        if not process.name.isdecimal() or pod_of(process) != renewal.pod_uid:
            continue
        namespace = _namespace(process)
        if not namespace or namespace in seen:
            continue
        seen.add(namespace)
        try:
            table = MountTable.read(process / "mountinfo")
        except OSError:
            continue
        for point in table.points():
            top = table.top(point)
            if top is not None and top.fuse and top.device in renewal.dead:  # see `Renewal.dead`
                yield Place(int(process.name), top)


def _namespace(process: Path) -> str:
    try:
        return str((process / "ns/mnt").readlink())
    except OSError:
        return ""
