"""A pod that waits for a volume is told what the operator knows, and nothing stops when nobody knows."""

# pyright: basic, reportArgumentType=false

from dataclasses import dataclass, field

import anyio
import pytest

from fluid.csi.cluster import Cluster
from fluid.csi.readiness import WaitEvents
from fluid.csi.runtimes import NamedDataset
from fluid.csi.volume import Pod, Volume
from fluid.kube import KubeError
from fluid.kube.events import Reference
from fluid.types import Key

VOLUME = Volume("ns-store", "/runtime-mnt/thin/ns/store/thin-fuse", "fuse", Key("ns", "store"))
READER = Pod("ns", "reader", "uid-1")


@dataclass
class Knows:
    """Stands in for the connection: a Dataset that says this of its FUSE pods, or nobody answers."""

    message: str | None
    nodes: list[str] | None = None

    def api(self, _: object) -> "Knows":
        return self

    async def find(self, _: Key) -> NamedDataset:
        if self.message is None:
            raise KubeError(503, "ServiceUnavailable", "no answer")
        status = {"conditions": [{"type": "FusesFailing", "message": self.message}]}
        if self.nodes is not None:
            status["failingFuseNodes"] = self.nodes
        return NamedDataset.model_validate({"metadata": {"name": "store"}, "status": status})


@dataclass
class Events:
    """Keeps what would be sent."""

    sent: list[tuple[Reference, str]] = field(default_factory=list)

    def event(self, about: Reference, _type: str, reason: str, message: str) -> None:
        assert reason == "FuseNotReady"
        self.sent.append((about, message))


async def told(
    message: str | None, nodes: list[str] | None = None
) -> tuple[list[tuple[Reference, str]], str]:
    events = Events()
    waiting = WaitEvents(Cluster(Knows(message, nodes), "node-1"), events).begin(VOLUME, READER)
    await waiting.tell()
    assert not events.sent, "not before the FUSE pod had its time"
    waiting.ask_at = anyio.current_time()
    await waiting.tell()
    return events.sent, await waiting.problem()


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("message", "nodes"),
    [
        ("un pod ne fonctionne pas: NoSuchBucket", ["node-2", "node-1"]),
        ("FUSE pod f on node node-1 is not ready; it said: NoSuchBucket", None),  # as release 0.1 wrote it
    ],
)
async def test_a_pod_is_told_of_the_trouble_on_its_own_node(message: str, nodes: list[str] | None) -> None:
    sent, why = await told(message, nodes)
    assert why == message
    [(about, message)] = sent
    assert (about.kind, about.namespace, about.name, about.uid) == ("Pod", "ns", "reader", "uid-1")
    assert message == f"Dataset ns/store: {why}"


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("message", "nodes"),
    [
        ("FUSE pod f on node node-10 is not ready", None),
        ("FUSE pod f on node node-1 was not ready, those on node node-2 are not", ["node-2"]),
        ("FUSE pods of DaemonSet ns/store are missing", []),
        ("", None),
        (None, None),
    ],
)
async def test_trouble_elsewhere_or_none_is_not_told(message: str | None, nodes: list[str] | None) -> None:
    assert await told(message, nodes) == ([], "")
