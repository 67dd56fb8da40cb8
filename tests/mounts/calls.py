# pyright: basic
"""Each call of the Node service, and what is true once it was answered, for each way to publish a volume."""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from fluid.csi.api import csi_pb2 as csi
from fluid.csi.mountinfo import MountTable
from fluid.csi.records import Records
from tests.harness.served import served
from tests.harness.server import FakeServer
from tests.mounts.process import NODE_SERVICE, Process
from tests.mounts.support import NODE, READER, WRITER, Machine


class State(NamedTuple):
    """What the kubelet asked for last."""

    staged: bool
    published: bool


@dataclass(frozen=True)
class Way:
    """A way to publish a volume."""

    capability: csi.VolumeCapability
    attributes: dict[str, str] = field(default_factory=dict)
    entries: tuple[str, ...] = ("hello", "sub")
    link: bool = False


WAYS = {
    "read-only": Way(READER),
    "read-write": Way(WRITER),
    "link": Way(READER, {"node_publish_method": "symlink"}, link=True),
    "sub-path": Way(WRITER, {"fluid_sub_path": "sub"}, entries=("inner",)),
}


@dataclass(frozen=True)
class Call:
    """A call of the Node service.

    Attributes:
        method: As the protocol spells it.
        before: The calls that a kubelet makes before it.
        after: What is true after it; None when it changes nothing.
        opposite: The call that undoes it, or takes away what it looks at.
        moments: Points in the middle of it, by what can be seen from outside.
    """

    method: str
    before: tuple[str, ...] = ()
    after: State | None = None
    opposite: str = ""
    moments: tuple[str, ...] = ("sent",)


CALLS = {
    "stage": Call("NodeStageVolume", (), State(True, False), "unstage", ("sent", "recorded", "labelled")),
    "publish": Call(
        "NodePublishVolume",
        ("stage",),
        State(True, True),
        "unpublish",
        ("sent", "target-recorded", "visible"),
    ),
    "stats": Call("NodeGetVolumeStats", ("stage", "publish"), State(True, True), "unpublish"),
    "unpublish": Call(
        "NodeUnpublishVolume", ("stage", "publish"), State(True, False), "publish", ("sent", "invisible")
    ),
    "unstage": Call("NodeUnstageVolume", ("stage",), State(False, False), "stage", ("sent", "unlabelled")),
    "info": Call("NodeGetInfo"),
    "capabilities": Call("NodeGetCapabilities"),
}


@dataclass
class Volume:
    """A volume, the plugin as a process, and one pod that may have it.

    Attributes:
        process: The plugin.
        server: Its API server.
        id: The volume's.
        way: How it is published.
        target: Where the pod has it.
    """

    process: Process
    server: FakeServer
    id: str
    way: Way
    target: Path

    def call(self, name: str) -> Any:
        """Call as a kubelet does; an RpcError when it is refused or the plugin ends."""
        method = CALLS[name].method
        request = getattr(csi, f"{method}Request")(**self._arguments(method))
        if name == "stage":
            self.staging.mkdir(parents=True, exist_ok=True)
        return self.process.call(f"{NODE_SERVICE}{method}", request, getattr(csi, f"{method}Response"))

    def _arguments(self, method: str) -> dict[str, Any]:
        machine, named = self.process.machine, {"volume_id": self.id}
        attributes = machine.attributes(mount_pod_node_selector_key=self.label, **self.way.attributes)
        described = {"volume_capability": self.way.capability, "volume_context": attributes}
        match method:
            case "NodeStageVolume":
                return named | described | {"staging_target_path": str(self.staging)}
            case "NodeUnstageVolume":
                return named | {"staging_target_path": str(self.staging)}
            case "NodePublishVolume":
                return named | described | {"target_path": str(self.target)}
            case "NodeUnpublishVolume":
                return named | {"target_path": str(self.target)}
            case "NodeGetVolumeStats":
                return named | {"volume_path": str(self.target)}
            case _:
                return {}

    @property
    def staging(self) -> Path:
        """A directory that a kubelet makes before it stages, and removes when it has unstaged."""
        return self.process.machine.kubelet / "plugins" / self.id / "globalmount"

    @property
    def label(self) -> str:
        return f"fluid.io/f-{self.id}"

    @property
    def records(self) -> Records:
        return Records(self.process.folder / "volumes")

    @property
    def labelled(self) -> bool:
        node = self.server.get("v1/nodes", "", NODE)
        return self.label in (node or {})["metadata"].get("labels", {})

    @property
    def visible(self) -> bool:
        return self.target.is_symlink() or bool(MountTable.read().stack(str(self.target)))

    def moment(self, name: str) -> Callable[[], bool]:
        """What tells that a call got so far."""
        return {
            "sent": lambda: True,
            "recorded": lambda: self.records.volume(self.id) is not None,
            "target-recorded": lambda: bool(self.records.targets(self.id)),
            "labelled": lambda: self.labelled,
            "unlabelled": lambda: not self.labelled,
            "visible": lambda: self.visible,
            "invisible": lambda: not self.visible,
        }[name]

    def state(self) -> State:
        """What is true now; records, API server and mounts have to agree on it."""
        staged, published = self.records.volume(self.id) is not None, bool(self.records.targets(self.id))
        assert self.labelled is staged
        assert self.visible is published
        if published:
            self._serves()
        else:
            assert not os.path.lexists(self.target)
        return State(staged, published)

    def _serves(self) -> None:
        """The pod sees what its way shows, once, and may write if that is so."""
        assert sorted(one.name for one in self.target.iterdir()) == sorted(self.way.entries)
        stack = MountTable.read().stack(str(self.target))
        assert len(stack) == (0 if self.way.link else 1), [one.line for one in stack]
        if not self.way.link:
            assert ("ro" in stack[0].options) is (self.way.capability == READER)


@contextmanager
def running(machine: Machine) -> Generator[tuple[Process, FakeServer]]:
    """The plugin as a process and its API server, beside a FUSE process."""
    machine.fuse()
    server = FakeServer()
    server.put("v1/nodes", {"metadata": {"name": NODE}})
    with served(server) as url:
        process = Process(machine, url, log_level="error")
        process.start()
        yield process, server
        process.kill()
