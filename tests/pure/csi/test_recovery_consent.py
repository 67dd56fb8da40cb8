"""Whom recovery gives the mount of a new FUSE process: of pods of others only those that may read."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import anyio
import pytest

from fluid.csi import recovery as module
from fluid.csi.cluster import Cluster
from fluid.csi.consent import Consent
from fluid.csi.mountinfo import MountTable, MountWatch, parse
from fluid.csi.records import PublishedTarget
from fluid.csi.recovery import FAILED, Recovery
from fluid.csi.runtimes import NamedDataset
from fluid.csi.stale_mounts import StaleMount
from fluid.csi.steps import Health
from fluid.csi.volume import Volume
from fluid.kube.errors import KubeError
from fluid.types import Key
from tests.pure.kube.support import eventually

pytestmark = pytest.mark.anyio
LENT = Key("team-a", "images")
VOLUME = Volume("team-b-mine", "/runtime-mnt/thin/team-a/images/thin-fuse", "fuse.x", runtime=LENT)
TARGET = "/var/lib/kubelet/pods/p/volumes/kubernetes.io~csi/v/mount"


class Fakes:
    """The parts of a recovery: a FUSE process was replaced, and the API server says who may read."""

    def __init__(self, *listed: str, namespace: str = "team-b") -> None:
        self.listed: list[str] | None = [*listed]
        self.asked = 0
        self.renewed: list[str] = []
        self.events: list[tuple[str, str, str]] = []
        self.record = PublishedTarget(
            volume_id=VOLUME.id, target=TARGET, pod_namespace=namespace, pod_name="app", pod_uid="p"
        )
        mounts = ((2, "0:2", VOLUME.path), (3, "0:1", TARGET))
        lines = [f"{number} 1 {device} / {point} ro - fuse.x x: rw" for number, device, point in mounts]
        self.table_now = MountTable(tuple(parse("\n".join(lines))))

    # What recovery looks at, and calls.

    @property
    def mounts(self) -> "Fakes":
        return self

    def table(self) -> MountTable:
        return MountTable(()) if self.renewed else self.table_now

    async def health(self, path: str) -> Health:
        del path
        return Health.DEAD

    async def missing(self, volume: Volume) -> str:
        del volume
        return ""

    @property
    def consent(self) -> Consent:
        return Consent(cast("Cluster", self))

    async def dataset(self, volume: Volume) -> Any:
        assert volume.runtime == LENT
        self.asked += 1
        if self.listed is None:
            raise KubeError(0, "", "the API server is gone")
        return _named(LENT, self.listed)

    async def reader(self, volume: Volume) -> Any:
        assert volume is VOLUME
        return _named(Key("team-b", "mine"), [])

    @property
    def records(self) -> "Fakes":
        return self

    def volumes(self) -> dict[str, Volume]:
        return {VOLUME.id: VOLUME}

    def targets(self) -> list[PublishedTarget]:
        return [self.record]

    def event(self, involved: Any, kind: str, reason: str, message: str) -> None:
        self.events.append((f"{involved.namespace}/{involved.name}", f"{kind} {reason}", message))

    def next_change(self) -> int:
        return 0

    async def wait(self, change: int, seconds: float) -> None:
        del change, seconds
        await anyio.sleep_forever()

    def failed(self) -> None: ...

    def recovered(self, seconds: float) -> None: ...


def _named(key: Key, listed: list[str]) -> Any:
    wire = {"metadata": {"namespace": key.namespace, "name": key.name, "uid": "u"}}
    return NamedDataset.model_validate({**wire, "status": {"datasetRef": listed}})


@asynccontextmanager
async def recovering(fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Recovery]:
    async def renew(self: Recovery, stale: StaleMount, *, patient: bool) -> None:
        del self, patient
        fakes.renewed.append(stale.record.target)

    monkeypatch.setattr(Recovery, "_renew", renew)
    part: Callable[..., Any] = lambda: fakes  # noqa: E731
    recovery = Recovery(
        part(), part(), part(), part(), cast("MountWatch", fakes), part(), Path("/k"), part(), part()
    )
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(recovery.run)
        yield recovery
        tasks.cancel_scope.cancel()


async def test_a_pod_whose_namespace_is_not_listed_any_more_does_not_get_what_is_mounted_there_now(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fakes = Fakes("other/mine")
    async with recovering(fakes, monkeypatch) as recovery:
        await eventually(lambda: bool(fakes.events))
        assert fakes.renewed == []
        [(involved, kind, message)] = fakes.events
        assert (involved, kind) == ("team-b/mine", f"Warning {FAILED}")
        assert "does not allow references from namespace team-b" in message
        recovery.queue.add(TARGET)
        await anyio.wait_all_tasks_blocked()
        assert (fakes.asked, len(recovery.queue)) == (1, 1), "it is asked again, but seldom"


async def test_consent_that_comes_back_lets_a_pod_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_DENIED", 0.02)
    fakes = Fakes()
    async with recovering(fakes, monkeypatch):
        await eventually(lambda: fakes.asked > 2)
        assert (fakes.renewed, len(fakes.events)) == ([], 1), "it is told once"
        fakes.listed = ["team-b/mine"]
        await eventually(lambda: bool(fakes.renewed))


async def test_without_an_answer_a_pod_of_another_namespace_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    fakes = Fakes()
    fakes.listed = None
    async with recovering(fakes, monkeypatch):
        await eventually(lambda: fakes.asked > 1)
        assert fakes.renewed == []
        fakes.listed = ["team-b/mine"]
        await eventually(lambda: bool(fakes.renewed))


async def test_pods_of_the_datasets_own_namespace_are_recovered_without_a_question(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fakes = Fakes(namespace="team-a")
    fakes.listed = None
    async with recovering(fakes, monkeypatch):
        await eventually(lambda: bool(fakes.renewed))
